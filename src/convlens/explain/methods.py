"""The table of methods, and which models each can answer for."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

from torch import Tensor

from convlens.errors import InputError
from convlens.explain.attribution import Attribution, Sums
from convlens.explain.closed_gradients import (
    gradient_x_input_closed,
    sensitivity_closed,
    sensitivity_l2_closed,
)
from convlens.explain.continuous import check_continuous
from convlens.explain.corpus import ngram_shares, word_shares
from convlens.explain.deep_lrp import deep_lrp
from convlens.explain.from_slots import loss_scores, lrp_scores, occlusion_scores, slope_products
from convlens.explain.gradients import gradient_x_input, sensitivity, sensitivity_l2
from convlens.explain.greedy import deep_greedy, greedy
from convlens.explain.leave_one_out import leave_one_out
from convlens.explain.lrp import lrp
from convlens.explain.ngrams import ngrams
from convlens.explain.occlusion import deep_occlusion, occlusion
from convlens.explain.thresholded import check_thresholds, thresholded
from convlens.explain.words import words
from convlens.models import FAMILIES, TextCNN, TextModel
from convlens.trace import CorpusTrace, Documents, Floats, trace

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable


@dataclass(frozen=True)
class Method:
    """`function` maps a model and a batch to an `Attribution`; the batch is a `Trace` if `traced`, else (B, T) ids.

    `families` are the names of the model families it answers for, `sums` tells how scores and logits go
    together, `of_ngrams` whether the units are the filters' n-grams and not words. `corpus` is the same
    method for many documents at once, from a slot table: trace and scores (units, C); `deep` is the same method for
    models that have no trace, from ids. `check` refuses models of these families that it cannot answer for.
    `extra` is the extra of this package that it needs.
    """

    function: Callable[[Any, Any], Attribution]
    families: tuple[str, ...] = (TextCNN.__name__,)
    traced: bool = True
    sums: Sums = "exact"
    of_ngrams: bool = False
    corpus: "Callable[[SlotTable, Documents], tuple[CorpusTrace, Floats]] | None" = None
    deep: Callable[[Any, Tensor], Attribution] | None = None
    check: Callable[[Any], object] | None = None
    extra: str | None = None

    def __call__(self, model: TextModel, ids: Tensor) -> Attribution:
        """The attribution of word numbers (B, T)."""
        return self.of(model, self.batch(model, ids))

    def reads_trace(self, model: TextModel) -> bool:
        """Whether the method answers for this model from its trace."""
        return self.traced and (self.deep is None or isinstance(model, TextCNN))

    def batch(self, model: TextModel, ids: Tensor) -> Any:
        """What the method reads of word numbers (B, T): their `Trace`, or just them."""
        return trace(model, ids) if self.reads_trace(model) else ids

    def of(self, model: TextModel, batch: Any) -> Attribution:
        """The attribution of what `batch` gave."""
        function = self.deep if self.traced and not self.reads_trace(model) else None
        return (function or self.function)(model, batch)


def through_captum(name: str) -> Callable[[TextModel, Tensor], Attribution]:
    """A function of `by_captum`, which needs an extra and a second to load: imported when it is first asked."""

    def function(model: TextModel, ids: Tensor) -> Attribution:
        found: Attribution = getattr(import_module("convlens.explain.by_captum"), name)(model, ids)
        return found

    return function


def _of_captum(
    name: str, sums: Sums = "approximate", check: Callable[[TextModel], object] | None = None
) -> Method:
    return Method(through_captum(name), ALL, traced=False, sums=sums, check=check, extra="captum")


ALL = tuple(FAMILIES)
METHODS = {
    "words": Method(words, corpus=word_shares),
    "ngrams": Method(ngrams, of_ngrams=True, corpus=ngram_shares),
    "leave-one-out": Method(leave_one_out, sums="none", corpus=loss_scores),
    "lrp": Method(lrp, ALL, corpus=lrp_scores, deep=deep_lrp),
    "gradient-x-input": Method(
        gradient_x_input_closed, ALL, sums="remainder", corpus=slope_products, deep=gradient_x_input
    ),
    "sensitivity": Method(sensitivity_closed, ALL, sums="none", deep=sensitivity),
    "sensitivity-l2": Method(sensitivity_l2_closed, ALL, sums="none", deep=sensitivity_l2),
    "thresholded": Method(thresholded, sums="none", check=check_thresholds),
    "occlusion": Method(occlusion, ALL, sums="none", corpus=occlusion_scores, deep=deep_occlusion),
    "greedy": Method(greedy, ALL, sums="none", deep=deep_greedy),
    "integrated-gradients": _of_captum("integrated_gradients", check=check_continuous),
    "deeplift": _of_captum("deeplift", check=check_continuous),
    "gradient-shap": _of_captum("gradient_shap", check=check_continuous),
    "shapley-sampling": _of_captum("shapley_sampling"),
    "lime": _of_captum("lime", sums="none"),
}


def find_method(name: str, model: TextModel | None = None) -> Method:
    """A method of `METHODS`, one that answers for `model` and here; `InputError` lists those that fit."""
    if name not in METHODS:
        near = get_close_matches(name, METHODS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(f"unknown method {name!r}: {hint}the methods are {', '.join(METHODS)}")
    family = None if model is None else type(model).__name__
    if family is not None and family not in METHODS[name].families:
        fitting = [other for other, method in METHODS.items() if family in method.families]
        raise InputError(
            f"the method {name!r} reads the trace of a one-layer TextCNN, and this is a {family}, "
            f"which has none: choose one of {', '.join(fitting)}"
        )
    check = METHODS[name].check
    if model is not None and check is not None:
        check(model)
    if METHODS[name].extra is not None:
        import_module("convlens.explain.by_captum")  # says what to install where Captum is not
    return METHODS[name]
