"""The n-gram that would fire a filter most, whether anyone ever wrote it or not (Jacovi et al. 2018)."""

import numpy as np

from convlens.arrays import Ints
from convlens.models import TextCNN
from convlens.text import UNKNOWN
from convlens.trace import region_slots


def possible_ngrams(model: TextCNN) -> list[Ints]:
    """Of each filter the best known word for every slot of the slot table: (n,), the first of equals.

    An insertion has to write it, so the unknown word is none; the cards' `filters.slots.possible_ngrams` takes it too.
    """
    words = np.arange(UNKNOWN + 1, model.embed.num_embeddings)
    ngrams: list[Ints] = []
    for region in range(len(model.config.regions)):
        best = words[region_slots(model, region, words).argmax(0)]  # (n, F)
        ngrams += list(best.T)
    return ngrams
