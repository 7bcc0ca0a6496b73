"""The class of a filter: where its head weight is greatest (Jacovi et al. 2018, section 4.1)."""

import numpy as np
from numpy.typing import NDArray

from convlens.models import TextCNN
from convlens.trace import Floats

FilterClasses = tuple[NDArray[np.int64], Floats, Floats]


def filter_classes(model: TextCNN) -> FilterClasses:
    """`argmax_c W_cf` of every filter, that weight, and how far it is above the next class's: each (k,)."""
    weights = model.head.weight.detach().cpu().numpy()  # (C, k)
    if len(weights) < 2:
        return weights.argmax(0), weights[-1], np.zeros_like(weights[-1])
    below, greatest = np.partition(weights, -2, 0)[-2:]
    return weights.argmax(0), greatest, greatest - below
