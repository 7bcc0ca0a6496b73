"""The table of methods, and which models each can answer for."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

from convlens.errors import InputError
from convlens.explain.attribution import Sums
from convlens.explain.corpus import ngram_shares, word_shares
from convlens.explain.from_slots import loss_scores, lrp_scores, occlusion_scores, slope_products
from convlens.models import FAMILIES, family_name
from convlens.trace import CorpusTrace, Documents, Floats

if TYPE_CHECKING:
    from torch import Tensor

    from convlens.explain.attribution import Attribution
    from convlens.models import TextModel, Weights

    Network = TextModel | Weights


@dataclass(frozen=True)
class Method:
    """`function` maps a model and a batch to an `Attribution`; the batch is a `Trace` if `traced`, else (B, T) ids.

    `families` are the names of the model families it answers for, `sums` tells how scores and logits go
    together, `of_ngrams` whether the units are the filters' n-grams and not words. `corpus` is the same
    method for many documents at once, from a slot table or by NumPy (unless `by_table`): trace and scores (units, C); `deep` is the same method for
    models that have no trace, from ids. `check` refuses models of these families that it cannot answer for.
    `extra` is the extra of this package that it needs.
    """

    function: "Callable[[Any, Any], Attribution]"
    families: tuple[str, ...] = ("TextCNN",)
    traced: bool = True
    sums: Sums = "exact"
    of_ngrams: bool = False
    corpus: "Callable[[Any, Documents], tuple[CorpusTrace, Floats]] | None" = None
    by_table: bool = False
    deep: "Callable[[Any, Tensor], Attribution] | None" = None
    check: Callable[[Any], object] | None = None
    extra: str | None = None

    def __call__(self, model: "TextModel", ids: "Tensor") -> "Attribution":
        """The attribution of word numbers (B, T)."""
        return self.of(model, self.batch(model, ids))

    def reads_trace(self, model: "Network") -> bool:
        """Whether the method answers for this model from its trace."""
        return self.traced and (self.deep is None or family_name(model) == "TextCNN")

    def batch(self, model: "TextModel", ids: "Tensor") -> Any:
        """What the method reads of word numbers (B, T): their `Trace`, or just them."""
        if not self.reads_trace(model):
            return ids
        from convlens.trace import trace

        return trace(model, ids)

    def of(self, model: "TextModel", batch: Any) -> "Attribution":
        """The attribution of what `batch` gave."""
        function = self.deep if self.traced and not self.reads_trace(model) else None
        return (function or self.function)(model, batch)


def check_continuous(model: Any) -> None:
    """Raise `InputError` for a model with gates: methods that add up slopes along a way need logits without jumps."""
    if family_name(model) == "TextCNN" and model.gates is not None:
        raise InputError(
            "integrated-gradients, deeplift and gradient-shap add up slopes, and the logits of this model jump at the "
            "gates of its filters: ask words or lrp, which are exact, or shapley-sampling"
        )


def check_thresholds(model: Any) -> Any:
    """The thresholds of the filters (k,); `InputError` for a model that was saved without."""
    if model.thresholds is None:
        raise InputError(
            "the method 'thresholded' needs the thresholds of the filters, which this model was saved without: "
            "train it again, or set model.thresholds = find_thresholds(model, documents)"
        )
    return model.thresholds


def by_torch(module: str, name: str) -> "Callable[[Any, Any], Attribution]":
    """A function of a module of this room that needs torch, and may need an extra: imported when it is first asked."""

    def function(model: "TextModel", batch: Any) -> "Attribution":
        attribution: Attribution = getattr(import_module(f"convlens.explain.{module}"), name)(model, batch)
        return attribution

    return function


def _of_captum(
    name: str, sums: Sums = "approximate", check: "Callable[[Network], object] | None" = None
) -> Method:
    function = by_torch("by_captum", name)
    return Method(function, ALL, traced=False, sums=sums, check=check, extra="captum")


ALL = tuple(FAMILIES)
METHODS = {
    "words": Method(by_torch("words", "words"), corpus=word_shares),
    "ngrams": Method(by_torch("ngrams", "ngrams"), of_ngrams=True, corpus=ngram_shares),
    "leave-one-out": Method(by_torch("leave_one_out", "leave_one_out"), sums="none", corpus=loss_scores),
    "lrp": Method(by_torch("lrp", "lrp"), ALL, corpus=lrp_scores, deep=by_torch("deep_lrp", "deep_lrp")),
    "gradient-x-input": Method(
        by_torch("closed_gradients", "gradient_x_input_closed"),
        ALL,
        sums="remainder",
        corpus=slope_products,
        deep=by_torch("gradients", "gradient_x_input"),
    ),
    "sensitivity": Method(
        by_torch("closed_gradients", "sensitivity_closed"),
        ALL,
        sums="none",
        deep=by_torch("gradients", "sensitivity"),
    ),
    "sensitivity-l2": Method(
        by_torch("closed_gradients", "sensitivity_l2_closed"),
        ALL,
        sums="none",
        deep=by_torch("gradients", "sensitivity_l2"),
    ),
    "thresholded": Method(by_torch("thresholded", "thresholded"), sums="none", check=check_thresholds),
    "occlusion": Method(
        by_torch("occlusion", "occlusion"),
        ALL,
        sums="none",
        corpus=occlusion_scores,
        by_table=True,
        deep=by_torch("occlusion", "deep_occlusion"),
    ),
    "greedy": Method(by_torch("greedy", "greedy"), ALL, sums="none", deep=by_torch("greedy", "deep_greedy")),
    "integrated-gradients": _of_captum("integrated_gradients", check=check_continuous),
    "deeplift": _of_captum("deeplift", check=check_continuous),
    "gradient-shap": _of_captum("gradient_shap", check=check_continuous),
    "shapley-sampling": _of_captum("shapley_sampling"),
    "lime": _of_captum("lime", sums="none"),
}


def find_method(name: str, model: "Network | None" = None) -> Method:
    """A method of `METHODS`, one that answers for `model` and here; `InputError` lists those that fit."""
    if name not in METHODS:
        near = get_close_matches(name, METHODS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(f"unknown method {name!r}: {hint}the methods are {', '.join(METHODS)}")
    family = None if model is None else family_name(model)
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
