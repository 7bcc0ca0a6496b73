"""Words and the slots of filters as one map (IMDb filter paper, figures 2 to 4)."""

import numpy as np
from numpy.typing import NDArray

from convlens.filters import plane
from convlens.models import Classifier
from convlens.report.cloud import on_one_scale
from convlens.report.data import WordMap
from convlens.report.spread import spread

MOST = 1500  # points drawn of each kind
LETTERS = 60  # shown of a word


def word_map(classifier: Classifier) -> WordMap:
    """At most `MOST` of the most important words, of the others and of the slots, each spread evenly over all of them."""
    found, names = plane(classifier.model), classifier.tokenizer.words
    rest = np.setdiff1d(np.arange(len(found.words)), found.important)
    every = np.arange(len(found.columns))
    words, important, slots = _some(rest), _some(found.important), _some(every)
    points = np.concatenate([found.words[words], found.words[important], found.columns[slots]])
    return WordMap(
        words=tuple(names[i][:LETTERS] for i in words),
        important=tuple(names[i][:LETTERS] for i in important),
        filters=tuple(found.filters[slots].tolist()),
        slots=tuple(found.slots[slots].tolist()),
        points=on_one_scale([points])[0],
        totals=(len(rest), len(found.important), len(every)),
    )


def _some(places: NDArray[np.int64]) -> NDArray[np.int64]:
    return places[spread(len(places), MOST)]
