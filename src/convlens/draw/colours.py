"""The diverging scale of all heatmaps: orange against, white for nothing, blue for; centred at zero.

Blue and orange differ for every common form of colour blindness.
"""

FOR = (33, 102, 172)
AGAINST = (217, 95, 2)


def shade(score: float, largest: float) -> tuple[tuple[int, int, int], float]:
    """Colour and strength (0 to 1) of a score, on a scale that ends at `largest` on both sides."""
    strength = min(abs(score) / largest, 1.0) if largest > 0 else 0.0
    return (FOR if score >= 0 else AGAINST), strength
