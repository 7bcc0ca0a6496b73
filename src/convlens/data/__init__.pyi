from .building import MOST
from .columns import Columns, check_separator
from .corpus import STDIN, Corpus, Reject, check_trainable, without
from .door import open_data, open_texts
from .labels import MANY
from .memory import from_frame, from_lists
from .named import NAMED, load, load_data
from .reading import FORMATS, read
from .rejects import check_rejects, write_rejects
from .splits import Splits, align_labels, align_to, folds, split
from .standard import STAND_IN
from .stream import Batch, Stream, stream
from .trained import HeldOut, TrainedOn, divide, fingerprints

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
    "check_separator",
    "check_trainable",
    "divide",
    "fingerprints",
    "folds",
    "from_frame",
    "from_lists",
    "load",
    "load_data",
    "open_data",
    "open_texts",
    "read",
    "split",
    "stream",
    "without",
    "write_rejects",
]
