"""The methods that a page can afford for all its documents, and what it says of them and of the others."""

from convlens.explain import METHODS, find_method
from convlens.models import Foreign, TextModel, family_of
from convlens.report.data import MethodFacts

ABOUT = {
    "words": "The share of each word in the logit (Xu & Du 2020).",
    "lrp": "The logit passed back layer by layer, none of it lost (Arras et al. 2016).",
    "gradient-x-input": "Each word’s vector times the slope of the logit there.",
    "sensitivity": "The squared slope of the logit at each word: where the model looks, whatever for (Arras et al. 2016).",
    "occlusion": "How far the logit falls when the word’s vector is set to zero.",
    "loss-change": "How much the loss of the class grows without the word’s share, relative to the loss, cut at −5 and 5 "
    "(Xu & Du 2020).",
}
PER_WORD = ("occlusion",)  # a pass for every word where there is no trace to read


def shown_methods(model: TextModel) -> tuple[MethodFacts, ...]:
    """The family's own method first, then those that take one or few passes a document."""
    first = family_of(model).method
    return tuple(
        MethodFacts(name, METHODS[name].sums, ABOUT[name], name != "sensitivity")
        for name in (first, *(name for name in ABOUT if name != first))
        if _answers(name, model) and _affordable(name, model)
    )


def left_out(model: TextModel) -> tuple[str, ...]:
    """Sentences on the methods of words that are not on the page: why, and where they can be had."""
    others = [name for name, method in METHODS.items() if not method.of_ngrams]
    others = [name for name in others if name not in {facts.name for facts in shown_methods(model)}]
    never = [name for name in others if not _answers(name, model)]
    slow = [name for name in others if name not in never]
    sentences = [
        f"For one text, with convlens explain MODEL TEXT --method NAME, there are also {', '.join(slow)}."
    ]
    if never:
        sentences.append(f"{', '.join(never)} {_read(model)}.")
    return tuple(sentences)


def _read(model: TextModel) -> str:
    if isinstance(model, Foreign):
        return "read the layers of a network, and those of a foreign one are not known"
    return "read the trace of a one-layer TextCNN, which this model has not: train one for them"


def _answers(name: str, model: TextModel) -> bool:
    return type(model).__name__ in METHODS[name].families


def _affordable(name: str, model: TextModel) -> bool:
    return name not in PER_WORD or find_method(name).reads_trace(model)
