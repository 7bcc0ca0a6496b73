"""Slot tables: `T[v, j, f] = <E[v], W_f[:, j]>` in blocks of 16 filters, as `walk` reads them."""

import torch
import torch.nn.functional as F
from torch import Tensor

from convlens.kernels.vectors import LANES

AT_ONCE = 1024  # rows made at a time: their vectors stay in the cache


def slot_table(vectors: Tensor, weight: Tensor) -> Tensor:
    """Table (blocks, U * n * 16) of word vectors (U, d) and filters (F, d, n), zeros where the last block is not full."""
    count, dim, n = weight.shape
    blocks = -(-count // LANES)
    weight = F.pad(weight, (0, 0, 0, 0, 0, blocks * LANES - count))
    columns = weight.view(blocks, LANES, dim, n).permute(0, 2, 3, 1).reshape(blocks, dim, n * LANES)
    table = torch.empty(blocks, len(vectors), n * LANES)
    for first in range(0, len(vectors), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        for block in range(blocks):  # each by itself, so that its bits do not depend on the others
            torch.mm(vectors[part], columns[block], out=table[block, part])
    return table.view(blocks, -1)
