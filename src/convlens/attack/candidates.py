"""Which words may stand in the place of a word: any, or the nearest by cosine."""

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from convlens.arrays import Ints, greatest
from convlens.models import TextModel
from convlens.text import PAD, UNKNOWN

AT_ONCE = 512  # words compared with the vocabulary at once: bounds memory


class Candidates:
    """`of` gives the candidates of a document's words: all words, or each word's `nearest`."""

    def __init__(self, model: TextModel, nearest: int | None = None, *, unknown: bool = False) -> None:
        self.model, self.nearest = model, nearest
        count = model.embed.num_embeddings
        self.all = np.arange(UNKNOWN if unknown else UNKNOWN + 1, count)
        self.known = np.full((count if nearest else 0, min(nearest or 0, len(self.all))), PAD)

    def of(self, ids: Ints) -> Ints:
        """Word numbers (1, V), or (L, K); a word without neighbours, as the unknown one, keeps its place."""
        if self.nearest is None:
            return self.all[None]
        if self.known.shape[1] == 0:
            return ids[:, None]
        new = np.unique(ids)
        new = new[self.known[new, 0] == PAD]
        for start in range(0, len(new), AT_ONCE):
            self.known[new[start : start + AT_ONCE]] = self._near(new[start : start + AT_ONCE])
        return self.known[ids]

    @cached_property
    def _unit(self) -> Tensor:
        """Word vectors of length one, or zero, in float64: (V, d)."""
        return torch.nn.functional.normalize(self.model.embed.weight.detach().cpu().double(), dim=1)

    def _near(self, words: Ints) -> Ints:
        """The nearest known words of each (W, K), nearest first, equals in the order of the vocabulary."""
        cosines = (self._unit[torch.from_numpy(words)] @ self._unit.T).numpy()
        able = (self._unit != 0).any(1).numpy()
        able[: UNKNOWN + 1] = False
        cosines[:, ~able] = -np.inf
        cosines[np.arange(len(words)), words] = -np.inf
        k = self.known.shape[1]
        nearest = np.empty((len(words), k), np.int64)
        for i, row in enumerate(cosines):
            nearest[i] = greatest(row, k)
            nearest[i, row[nearest[i]] == -np.inf] = words[i]
        nearest[~able[words]] = words[~able[words], None]
        return nearest
