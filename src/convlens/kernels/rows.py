"""Adam on some rows of a matrix, with the results of Adam on all of them.

A row without a gradient still moves in Adam, because its momentum has not died out. It may move later, all steps
at once, as long as that happens before anyone reads it: `sync`. A row with a gradient then takes one step: `step`.

`tables` are the matrix (V, d) and Adam's first and second moments of it, `times` (V,) the step that each row
stands at, `corrections` (2, steps + 1) what Adam's corrections make of the learning rate and of the second moment's root
at each step, `constants` beta1, beta2, 1 - beta1, 1 - beta2, epsilon and the weight decay in the matrix's number type.
"""

import math

from numba import njit, prange

MOMENTUM = 160  # steps after which 0.9 ** steps is below the rounding of what came before


@njit(parallel=True, cache=True, error_model="numpy")
def sync(tables, times, rows, until, corrections, constants):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Bring `rows` to the step `until`, without gradients."""
    for i in prange(len(rows)):
        row = rows[i]
        row_tables = (tables[0][row], tables[1][row], tables[2][row])
        _sync(row_tables, times[row], until, corrections, constants)
        times[row] = until


@njit(parallel=True, cache=True, error_model="numpy")
def step(tables, times, rows, gradients, corrections, constants):  # type: ignore[no-untyped-def]  # pragma: no cover
    """One step of `rows`, all at the same time before, with their gradients (rows, d)."""
    for i in prange(len(rows)):
        row = rows[i]
        times[row] += 1
        at = (corrections[0, times[row]], corrections[1, times[row]])
        _step((tables[0][row], tables[1][row], tables[2][row]), gradients[i], at, constants)


@njit(cache=True, error_model="numpy")
def _sync(tables, time, until, corrections, constants):  # type: ignore[no-untyped-def]  # pragma: no cover
    values, first, second = tables
    beta1, beta2, share1, share2, epsilon, decay = constants
    moving = until - time
    if decay == 0:
        moving = min(moving, MOMENTUM) if first.any() else 0
    for t in range(time + 1, time + 1 + moving):
        rate, root = corrections[0, t], corrections[1, t]
        for e in range(len(values)):
            gradient = decay * values[e]
            first[e] = beta1 * first[e] + share1 * gradient
            second[e] = beta2 * second[e] + share2 * gradient * gradient
            values[e] -= rate * first[e] / (math.sqrt(second[e]) * root + epsilon)
    rest = until - time - moving
    if rest > 0:
        first *= beta1**rest
        second *= beta2**rest


@njit(cache=True, error_model="numpy")
def _step(tables, gradients, at, constants):  # type: ignore[no-untyped-def]  # pragma: no cover
    values, first, second = tables
    beta1, beta2, share1, share2, epsilon, decay = constants
    for e in range(len(values)):
        gradient = gradients[e] + decay * values[e]
        first[e] = beta1 * first[e] + share1 * gradient
        second[e] = beta2 * second[e] + share2 * gradient * gradient
        values[e] -= at[0] * first[e] / (math.sqrt(second[e]) * at[1] + epsilon)
