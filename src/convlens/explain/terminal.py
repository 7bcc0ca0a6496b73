"""An explanation in a terminal: the text on its colours, then the strongest scores as a table."""

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from convlens.draw.colours import shade
from convlens.shown import clipped, visible

if TYPE_CHECKING:
    from convlens.explain.explanation import Explanation

STRONGEST = 10
SHOWN = 500  # tokens
LONGEST = 2000  # characters of a word, of an n-gram, or of what stands between two words
LINES = "\n\t"  # a text keeps its own
MARK = "[?]"  # behind what the vocabulary does not hold


def render(explanation: "Explanation") -> RenderableType:
    """Prediction, marked text (for words), and a table of the strongest scores."""
    target, (predicted, share) = explanation.labels[explanation.target], explanation.answer
    head = Text.assemble(
        "predicted ",
        (visible(predicted), "bold"),
        f" ({visible(share)}) · {explanation.method} for ",
        (visible(target), "bold"),
        f", logit {explanation.logits[explanation.target]:+.4f}",
    )
    marked = [_marked_text(explanation)] if explanation.filters is None else []
    return Group(head, *marked, _table(explanation), *_legend(explanation))


def _marked_text(explanation: "Explanation") -> Text:
    scores = explanation.scores[:SHOWN, explanation.target]
    largest = float(abs(scores).max(initial=0))
    marked, at = Text(), 0
    for place, ((start, end), score) in enumerate(zip(explanation.spans, scores, strict=False)):
        marked.append(_short(explanation.text[at:start]))
        marked.append(_short(explanation.text[start:end]), _style(float(score), largest))
        marked.append(MARK * explanation.is_unknown(place), "dim")
        at = end
    cut = len(explanation.spans) > SHOWN
    rest = f" … first {SHOWN} of {len(explanation.spans)} tokens" if cut else explanation.text[at:]
    return marked.append(_short(rest))


def _short(text: str) -> str:
    """Visible, and of at most `LONGEST` characters: a terminal takes minutes for a word of millions."""
    return visible(clipped(text, LONGEST), LINES)


def _legend(explanation: "Explanation") -> list[Text]:
    """What the mark of unknown words means, where there is one."""
    count, all_of = explanation.unknown_count, len(explanation.spans)
    if not count:
        return []
    what = "words are" if explanation.filters is None else "n-grams hold words that are"
    legend = f"{MARK} {count:,} of {all_of:,} {what} not in the vocabulary: the model reads each as the unknown word"
    return [Text(legend, "dim")]


def _style(score: float, largest: float) -> Style:
    (r, g, b), strength = shade(score, largest)
    if strength < 0.05:
        return Style()
    mixed = tuple(round(255 + (c - 255) * strength) for c in (r, g, b))
    return Style(
        color="white" if strength > 0.6 else "black", bgcolor=f"rgb({mixed[0]},{mixed[1]},{mixed[2]})"
    )


def _table(explanation: "Explanation") -> Table:
    scores = explanation.scores[:, explanation.target]
    order = abs(scores).argsort(kind="stable")[::-1][:STRONGEST]
    table = Table(box=None, pad_edge=False, show_header=True)
    table.add_column("score", justify="right")
    if explanation.filters is not None:
        table.add_column("filter", justify="right")
    table.add_column("word" if explanation.filters is None else "n-gram")
    for i in order.tolist():
        number = [] if explanation.filters is None else [str(explanation.filters[i])]
        start, end = explanation.spans[i]
        word = visible(clipped(explanation.text[start:end], LONGEST))
        table.add_row(f"{scores[i]:+.4f}", *number, Text(word + MARK * explanation.is_unknown(i)))
    rest = float(scores.sum() - scores[order].sum())
    sums = [(rest, f"the other {len(scores) - len(order)}")] * (len(scores) > len(order))
    for value, name in sums + _sums(explanation):
        table.add_row(f"{value:+.4f}", *[""] * (explanation.filters is not None), Text(name, "dim"))
    return table


def _sums(explanation: "Explanation") -> list[tuple[float, str]]:
    """Bias and logit, where the scores are parts of it."""
    bias, logit = float(explanation.bias[explanation.target]), float(explanation.logits[explanation.target])
    if explanation.padding is not None:
        of_padding = float(explanation.padding[explanation.target])
        parts = [
            (of_padding, "padding"),
            (bias - of_padding, "bias" if explanation.residual is not None else "left to no word"),
        ]
        of_logit = "" if explanation.residual is None else f", off by {explanation.residual:.0e}"
        return [part for part in parts if part[0]] + [(logit, f"the logit{of_logit}")]
    if explanation.residual is not None:
        return [(bias, "bias")] * (bias != 0) + [(logit, f"the logit, off by {explanation.residual:.0e}")]
    delta = explanation.convergence_delta
    if delta is not None:
        told = f"the logit, convergence delta {delta[explanation.target]:+.0e}"
        return [(bias, "without words"), (logit, told)]
    return [] if explanation.sums == "none" else [(bias, "left to no word"), (logit, "the logit")]
