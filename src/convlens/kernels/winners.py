"""The backward pass of a convolution's max: the windows that won, and nothing else."""

from numba import njit, prange

from convlens.kernels.vectors import LANES, add_times, load, spread_float, store

PIECE = 2 * LANES  # numbers of the word vectors that one thread takes: two threads share vectors of 50


@njit(parallel=True, cache=True, error_model="numpy")
def send_back(gradient, places, documents, factors, into):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add what the gradients of the peaks (B, F) give the word vectors and the weights.

    The max passes g = `gradient[b, f]` to the window at `places[b, f]`, so that its words get `g weight[f, j]` and
    the weights of slot j `g vector`. `documents`: rows of words (tokens,), starts of documents (B + 1,); `factors` and
    `into`: vectors (U, d) and weights (F, n, d), d a multiple of 16, then what they get; vectors without rows
    get nothing.
    """
    words, starts = documents
    size = factors[0].shape[1]
    for piece in prange((size + PIECE - 1) // PIECE):  # no two threads add to the same number
        dims = (piece * PIECE, min((piece + 1) * PIECE, size))
        for b in range(gradient.shape[0]):
            document = words[starts[b] : starts[b + 1]]
            _send_back((gradient[b], places[b]), document, factors, into, dims)


@njit(cache=True, error_model="numpy")
def _send_back(peaks, document, factors, into, dims):  # type: ignore[no-untyped-def]  # pragma: no cover
    """One document's share."""
    gradient, places = peaks
    size, slots = factors[0].shape[1], factors[1].shape[1]
    vectors, weight = factors[0].reshape(-1), factors[1].reshape(-1)
    to_vectors, to_weight = into[0].reshape(-1), into[1].reshape(-1)
    for f in range(len(gradient)):
        if gradient[f] == 0:  # silenced by the ReLU or dropout
            continue
        g = spread_float(gradient[f])
        for j in range(min(slots, len(document))):
            row, slot = document[places[f] + j] * size, (f * slots + j) * size
            for e in range(dims[0], dims[1], LANES):
                of_slot = add_times(load(to_weight, slot + e), g, load(vectors, row + e))
                store(to_weight, slot + e, of_slot)
            if len(to_vectors):
                for e in range(dims[0], dims[1], LANES):
                    of_word = add_times(load(to_vectors, row + e), g, load(weight, slot + e))
                    store(to_vectors, row + e, of_word)
