"""The class of a filter: where its head weight is greatest (Jacovi et al. 2018, section 4.1)."""

import numpy as np
from numpy.typing import NDArray

from convlens.models import TextCNN
from convlens.trace import Floats


def filter_classes(model: TextCNN) -> tuple[NDArray[np.int64], Floats, Floats]:
    """`argmax_c W_cf` of every filter, that weight, and how far it is above the next class's: each (k,)."""
    weights = model.head.weight.detach().cpu().numpy()  # (C, k)
    ranked = np.sort(weights, 0)
    above = ranked[-1] - ranked[-2] if len(ranked) > 1 else np.zeros_like(ranked[-1])
    return weights.argmax(0), ranked[-1], above
