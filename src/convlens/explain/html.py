"""An explanation as a self-contained fragment of HTML, for notebooks and pages."""

from html import escape
from typing import TYPE_CHECKING

from convlens.draw.colours import shade
from convlens.files import printable

if TYPE_CHECKING:
    from convlens.explain.explanation import Explanation

FRAME = (
    '<div class="convlens" style="font:15px/1.9 system-ui,sans-serif;max-width:46em">'
    '<div style="font-size:13px">{head}</div>'
    '<div style="unicode-bidi:isolate;white-space:pre-wrap;overflow-wrap:anywhere" dir="auto">{body}</div>'
    "</div>"
)
MARK = (
    '<span title="{score:+.4g}" style="{outline}background:rgba({r},{g},{b},{alpha:.2f});'
    'border-bottom:2px {line} rgb({r},{g},{b});border-radius:3px;padding:1px 2px">{text}</span>'
)
UNKNOWN = "outline:1px dotted;"
SHOWN = 3000  # tokens; a page with millions of marks opens nowhere


def heatmap(explanation: "Explanation") -> str:
    """The text with every scored word on its colour; n-grams as a ranked list."""
    body = _marked_text(explanation) if explanation.filters is None else _ranked(explanation)
    target, (predicted, share) = explanation.labels[explanation.target], explanation.answer
    head = (
        f"predicted <b>{_safe(predicted)}</b> ({_safe(share)}) · "
        f"{_safe(explanation.method)} for <b>{_safe(target)}</b>, "
        f"logit {explanation.logits[explanation.target]:+.4g} · {_sum(explanation)}{_legend(explanation)}"
    )
    return FRAME.format(head=head, body=body)


def _legend(explanation: "Explanation") -> str:
    """What the mark of unknown words means, where there is one."""
    count = f"{explanation.unknown_count:,} of {len(explanation.spans):,}"
    mark = f'<b style="{UNKNOWN}">dotted</b>'
    return f" · {mark}: not in the vocabulary, {count}" if explanation.unknown_count else ""


def _sum(explanation: "Explanation") -> str:
    """What the scores and the logit have to do with each other."""
    return _of_parts(explanation) + _of_padding(explanation)


def _of_padding(explanation: "Explanation") -> str:
    if explanation.padding is None:
        return ""
    return f" · {explanation.padding[explanation.target]:+.4g} of it by padding"


def _of_parts(explanation: "Explanation") -> str:
    if explanation.residual is not None:
        return f"residual {explanation.residual:.1e}"
    delta = explanation.convergence_delta
    if delta is not None:
        bias = explanation.bias[explanation.target]
        return f"{bias:+.4g} of it without words, convergence delta {delta[explanation.target]:+.1e}"
    if explanation.sums == "none":
        return "scores are no parts of the logit"
    return f"words leave {explanation.bias[explanation.target]:+.4g} of it"


def _marked_text(explanation: "Explanation") -> str:
    scores = explanation.scores[:SHOWN, explanation.target]
    largest = float(abs(scores).max(initial=0))
    parts, at = [], 0
    for place, ((start, end), score) in enumerate(zip(explanation.spans, scores, strict=False)):
        parts += [
            _safe(explanation.text[at:start]),
            _mark(explanation.text[start:end], float(score), largest, explanation.is_unknown(place)),
        ]
        at = end
    cut = len(explanation.spans) > SHOWN
    rest = f" … first {SHOWN:,} of {len(explanation.spans):,} tokens" if cut else explanation.text[at:]
    return "".join(parts) + _safe(rest)


def _ranked(explanation: "Explanation") -> str:
    scores = explanation.scores[:, explanation.target]
    largest = float(abs(scores).max(initial=0))
    order = abs(scores).argsort()[::-1][:20]
    return "\n".join(
        _mark(
            explanation.text[slice(*explanation.spans[i])],
            float(scores[i]),
            largest,
            explanation.is_unknown(i),
        )
        + f" {scores[i]:+.4f}"
        for i in order.tolist()
    )


def _mark(text: str, score: float, largest: float, unknown: bool) -> str:
    (r, g, b), strength = shade(score, largest)
    return MARK.format(
        r=r,
        g=g,
        b=b,
        alpha=0.75 * strength,
        score=score,
        text=_safe(text),
        line="solid" if score >= 0 else "dashed",
        outline=UNKNOWN * unknown,
    )


def _safe(text: str) -> str:
    return escape(printable(text).replace("\0", "\ufffd"))
