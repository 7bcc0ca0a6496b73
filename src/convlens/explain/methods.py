"""The table of methods, and which models each can answer for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convlens.arrays import Floats
from convlens.errors import InputError
from convlens.explain import by_torch
from convlens.explain.attribution import Scored, Sums
from convlens.explain.gradients import gradient_x_input, sensitivity, sensitivity_l2
from convlens.explain.occlusion import greedy, greedy_by_table, occlusion, occlusion_by_table
from convlens.explain.relevance import lrp
from convlens.explain.thresholded import thresholded
from convlens.explain.xu_du import loss_changes, loss_changes_by_table, ngrams, words, words_by_table
from convlens.models import FAMILIES, DeepTextCNNConfig, Weights, family_name
from convlens.shown import suggestion
from convlens.text import Documents
from convlens.trace import Trace

if TYPE_CHECKING:
    from convlens.models import TextModel
    from convlens.trace.table import SlotTable

    Network = TextModel | Weights


@dataclass(frozen=True)
class Method:
    """How a method scores words, or filters' n-grams: from the trace of a one-layer model, or by asking any model.

    `of_trace` gives scores (units, C) of a trace, which has slots if the method reads `slots`; `by_table` is a kernel that
    gives the trace and the same scores from a slot table. `of_model` answers for models without a trace, or for all
    where there is no `of_trace`. `sums` tells how scores and logits go together, `of_ngrams` whether the units are the filters'
    n-grams and not words, `by_class` that each class costs as much as the first, `compares_classes` that the scores of a class
    depend on the logits of the others, `within` that it reads the layers of a network. `check` refuses models that it cannot answer
    for; `extra` is the extra of this package that it needs.
    """

    of_trace: Callable[[Weights, Trace], Floats] | None = None
    of_model: "Callable[[TextModel, Documents], Scored] | None" = None
    by_table: "Callable[[SlotTable, Documents], tuple[Trace, Floats]] | None" = None
    sums: Sums = "exact"
    of_ngrams: bool = False
    slots: bool = True
    by_class: bool = False
    compares_classes: bool = False
    within: bool = False
    check: "Callable[[Network], object] | None" = None
    extra: str | None = None

    @property
    def families(self) -> tuple[str, ...]:
        """The names of the model families that it answers for."""
        if self.of_model is None:
            return ("TextCNN",)
        return tuple(FAMILIES) if self.within else (*FAMILIES, "Foreign")

    def reads_trace(self, model: "Network") -> bool:
        """Whether the method answers for this model from its trace."""
        return self.of_trace is not None and family_name(model) == "TextCNN"


def check_continuous(model: "Network") -> None:
    """Raise `InputError` for a model with gates: methods that add up slopes along a way need logits without jumps."""
    if getattr(model, "gates", None) is not None:
        raise InputError(
            "integrated-gradients, deeplift and gradient-shap add up slopes, and the logits of this model jump at the "
            "gates of its filters: ask words or lrp, which are exact, or shapley-sampling"
        )


def check_thresholds(model: "Network") -> None:
    """Raise `InputError` for a model that was saved without the thresholds of its filters."""
    if getattr(model, "thresholds", None) is None:
        raise InputError(
            "the method 'thresholded' needs the thresholds of the filters, which this model was saved without: "
            "train it again, or set model.thresholds = find_thresholds(model, documents)"
        )


def check_over_time(model: "Network") -> None:
    """Raise `InputError` for a network without a max over time: its filters have no n-gram that wins."""
    config = model.config
    if not isinstance(config, DeepTextCNNConfig):
        return
    without = next((one for one in config.branches if one.length is not None or one.over_time != "max"), None)
    if without is not None:
        flat = f"passes all values of {without.length} words on"
        raise InputError(
            "the method 'ngrams' needs the n-gram that wins each filter's max over time, and this DeepTextCNN "
            f"{flat if without.length else f'takes the {without.over_time} over time'}: ask words, which is exact too"
        )


def _answers(method: Method, model: "Network") -> bool:
    """Whether a method fits the family of a model, and does not refuse it."""
    try:
        if method.check is not None:
            method.check(model)
    except InputError:
        return False
    return family_name(model) in method.families


def _of_captum(
    of_model: "Callable[[TextModel, Documents], Scored]",
    sums: Sums = "approximate",
    check: "Callable[[Network], object] | None" = None,
    *,
    within: bool = False,
) -> Method:
    return Method(of_model=of_model, sums=sums, by_class=True, within=within, check=check, extra="captum")


METHODS = {
    "words": Method(words, by_torch.words, words_by_table, within=True),
    "ngrams": Method(
        ngrams, by_torch.ngrams, of_ngrams=True, slots=False, within=True, check=check_over_time
    ),
    "loss-change": Method(loss_changes, by_table=loss_changes_by_table, sums="none", compares_classes=True),
    "lrp": Method(lrp, by_torch.lrp, within=True),
    "gradient-x-input": Method(gradient_x_input, by_torch.gradient_x_input, sums="remainder"),
    "sensitivity": Method(sensitivity, by_torch.sensitivity, sums="none", slots=False, by_class=True),
    "sensitivity-l2": Method(
        sensitivity_l2, by_torch.sensitivity_l2, sums="none", slots=False, by_class=True
    ),
    "thresholded": Method(thresholded, sums="none", check=check_thresholds),
    "occlusion": Method(occlusion, by_torch.occlusion, occlusion_by_table, sums="none", slots=False),
    "greedy": Method(greedy, by_torch.greedy, greedy_by_table, sums="none", slots=False, by_class=True),
    "integrated-gradients": _of_captum(by_torch.integrated_gradients, check=check_continuous),
    "deeplift": _of_captum(by_torch.deeplift, check=check_continuous, within=True),
    "gradient-shap": _of_captum(by_torch.gradient_shap, check=check_continuous),
    "shapley-sampling": _of_captum(by_torch.shapley_sampling),
    "lime": _of_captum(by_torch.lime, sums="none"),
}

ALIASES = {"leave-one-out": "loss-change"}  # names of before, which the field uses for other methods


def _reads(method: Method) -> str:
    return "reads the layers of a network" if method.within else "reads the trace of a one-layer TextCNN"


def find_method(name: str, model: "Network | None" = None) -> Method:
    """A method of `METHODS`, or by an old name, that answers for `model` and here; `InputError` lists those that fit."""
    name = ALIASES.get(name, name)
    if name not in METHODS:
        raise InputError(
            f"unknown method {name!r}: {suggestion(name, METHODS)}the methods are {', '.join(METHODS)}"
        )
    if model is not None and (family := family_name(model)) not in METHODS[name].families:
        fitting = [other for other, method in METHODS.items() if _answers(method, model)]
        raise InputError(
            f"the method {name!r} {_reads(METHODS[name])}, and a {family} has none: "
            f"choose one of {', '.join(fitting)}"
        )
    check = METHODS[name].check
    if model is not None and check is not None:
        check(model)
    if METHODS[name].extra is not None:
        by_torch.check_captum()
    return METHODS[name]
