"""Labelled corpora: reading, splitting, naming labels, and setting bad rows aside.

>>> from convlens.data import from_lists, split
>>> corpus = from_lists(["good film", "bad film"] * 5, ["pos", "neg"] * 5)
>>> corpus.counts()
{'neg': 5, 'pos': 5}
>>> len(split(corpus, share=0.2).test)
2
"""

from convlens.data.building import MOST
from convlens.data.columns import Columns
from convlens.data.corpus import Corpus, Reject, check_trainable
from convlens.data.door import STDIN, open_data, open_texts
from convlens.data.labels import MANY
from convlens.data.memory import from_frame, from_lists
from convlens.data.named import NAMED, load
from convlens.data.reading import FORMATS, read
from convlens.data.rejects import check_rejects, write_rejects
from convlens.data.splits import Splits, align_labels, align_to, split
from convlens.data.standard import STAND_IN
from convlens.data.stream import Batch, Stream, stream
from convlens.data.trained import HeldOut, TrainedOn, divide, fingerprints

__all__ = [
    "FORMATS",
    "MANY",
    "MOST",
    "NAMED",
    "STAND_IN",
    "STDIN",
    "Batch",
    "Columns",
    "Corpus",
    "HeldOut",
    "Reject",
    "Splits",
    "Stream",
    "TrainedOn",
    "align_labels",
    "align_to",
    "check_rejects",
    "check_trainable",
    "divide",
    "fingerprints",
    "from_frame",
    "from_lists",
    "load",
    "open_data",
    "open_texts",
    "read",
    "split",
    "stream",
    "write_rejects",
]
