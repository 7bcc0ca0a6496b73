"""Some of many, evenly."""

from convlens.errors import InputError


def spread(rows: int, most: int) -> list[int]:
    """At most `most` of `rows` places, at equal distances."""
    if most < 1:
        raise InputError(f"documents must be at least 1, got {most}")
    return list(range(rows)) if rows <= most else [i * rows // most for i in range(most)]
