"""How far a mean over documents could lie elsewhere: percentile bootstrap."""

import numpy as np

from convlens.evaluate.documents import Numbers

SHARE = 0.95
AT_ONCE = 2**21  # counts held at once


def interval(values: Numbers, resamples: int, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    """Lower and upper ends (M,) of 95 % of the means of documents drawn anew, from values (D, M); NaN without any.

    The same documents are drawn for all columns.
    """
    count = len(values)
    if not count:
        return np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
    means, left = [], resamples
    while left:
        draws = min(left, max(AT_ONCE // count, 1))
        drawn = rng.multinomial(count, np.full(count, 1 / count), draws)  # how often each document: (some, D)
        means.append(drawn @ values / count)
        left -= draws
    ends = np.quantile(np.concatenate(means), [(1 - SHARE) / 2, (1 + SHARE) / 2], axis=0)
    return ends[0], ends[1]
