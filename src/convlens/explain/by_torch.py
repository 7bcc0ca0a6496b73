"""The methods that ask a model by torch, and Captum: imported when they are asked."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from convlens.explain.attribution import Scored
from convlens.text import Documents

if TYPE_CHECKING:
    from torch import Tensor

    from convlens.explain.padded import Padded
    from convlens.models import TextModel


def in_batches(
    method: "Callable[[TextModel, Tensor], Padded]", model: "TextModel", documents: Documents
) -> Scored:
    """See `padded.in_batches`."""
    from convlens.explain import padded

    return padded.in_batches(method, model, documents)


def words(model: "TextModel", documents: Documents) -> Scored:
    """See `deep_xu_du.deep_words`."""
    from convlens.explain.deep_xu_du import deep_words

    return in_batches(deep_words, model, documents)


def ngrams(model: "TextModel", documents: Documents) -> Scored:
    """See `deep_xu_du.deep_ngrams`."""
    from convlens.explain.deep_xu_du import deep_ngrams
    from convlens.explain.padded import ngrams_in_batches

    return ngrams_in_batches(deep_ngrams, model, documents)


def lrp(model: "TextModel", documents: Documents) -> Scored:
    """See `deep_lrp`."""
    from convlens.explain.deep_lrp import deep_lrp

    return in_batches(deep_lrp, model, documents)


def gradient_x_input(model: "TextModel", documents: Documents) -> Scored:
    """See `deep_gradients.gradient_x_input`."""
    from convlens.explain.deep_gradients import gradient_x_input

    return in_batches(gradient_x_input, model, documents)


def sensitivity(model: "TextModel", documents: Documents) -> Scored:
    """See `deep_gradients.sensitivity`."""
    from convlens.explain.deep_gradients import sensitivity

    return in_batches(sensitivity, model, documents)


def sensitivity_l2(model: "TextModel", documents: Documents) -> Scored:
    """See `deep_gradients.sensitivity_l2`."""
    from convlens.explain.deep_gradients import sensitivity_l2

    return in_batches(sensitivity_l2, model, documents)


def occlusion(model: "TextModel", documents: Documents) -> Scored:
    """See `deep_occlusion`."""
    from convlens.explain.deep_occlusion import deep_occlusion

    return in_batches(deep_occlusion, model, documents)


def greedy(model: "TextModel", documents: Documents) -> Scored:
    """See `deep_greedy`."""
    from convlens.explain.deep_occlusion import deep_greedy

    return in_batches(deep_greedy, model, documents)


def check_captum() -> None:
    """Raise `InputError`, which says what to install, where Captum is not."""
    import convlens.explain.by_captum  # noqa: F401


def integrated_gradients(model: "TextModel", documents: Documents) -> Scored:
    """See `by_captum.integrated_gradients`."""
    from convlens.explain.by_captum import integrated_gradients

    return in_batches(integrated_gradients, model, documents)


def deeplift(model: "TextModel", documents: Documents) -> Scored:
    """See `by_captum.deeplift`."""
    from convlens.explain.by_captum import deeplift

    return in_batches(deeplift, model, documents)


def gradient_shap(model: "TextModel", documents: Documents) -> Scored:
    """See `by_captum.gradient_shap`."""
    from convlens.explain.by_captum import gradient_shap

    return in_batches(gradient_shap, model, documents)


def shapley_sampling(model: "TextModel", documents: Documents) -> Scored:
    """See `by_captum.shapley_sampling`."""
    from convlens.explain.by_captum import shapley_sampling

    return in_batches(shapley_sampling, model, documents)


def lime(model: "TextModel", documents: Documents) -> Scored:
    """See `by_captum.lime`."""
    from convlens.explain.by_captum import lime

    return in_batches(lime, model, documents)
