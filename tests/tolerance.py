"""How far two sums of the same numbers may lie apart, whatever order a processor adds them in."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def rounding(absolute: ArrayLike, steps: int, dtype: Any = np.float32) -> float:
    """The bound for a sum: the sum of absolute values, times the number of steps, times the type's rounding.

    A sum of n numbers is off by at most n eps times the sum of their absolute values (Higham 2002, chapter 4).
    """
    return float(np.max(absolute, initial=0) * max(steps, 1) * np.finfo(dtype).eps)
