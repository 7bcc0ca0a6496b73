"""Which models have logits without jumps: the methods that add up slopes along a way need them."""

from convlens.errors import InputError
from convlens.models import TextCNN, TextModel


def check_continuous(model: TextModel) -> None:
    """Raise `InputError` for a model with gates, whose logits jump where a filter reaches its gate."""
    if isinstance(model, TextCNN) and model.gates is not None:
        raise InputError(
            "integrated-gradients, deeplift and gradient-shap add up slopes, and the logits of this model jump at the "
            "gates of its filters: ask words or lrp, which are exact, or shapley-sampling"
        )
