"""What methods ask of a model."""

from typing import Any

from convlens.errors import InputError
from convlens.models import family_name


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
