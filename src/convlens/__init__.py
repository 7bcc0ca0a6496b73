"""ConvLens: train convolutional text classifiers and explain them exactly.

>>> import convlens
>>> corpus = convlens.read("reviews.csv")  # doctest: +SKIP
>>> classifier = convlens.fit(corpus)  # doctest: +SKIP
>>> classifier.predict(["What a good movie"])  # doctest: +SKIP
>>> convlens.explain(classifier, "What a good movie")  # doctest: +SKIP
"""

from convlens.attack import AttackConfig, Attacks, Certificates, CertifyConfig, attack, certify
from convlens.data import Columns, Corpus, Splits, from_frame, from_lists, read, split
from convlens.data import load as load_data
from convlens.errors import InputError
from convlens.evaluate import EvaluateConfig, Evaluation, evaluate, matching_rate
from convlens.explain import (
    METHODS,
    Explanation,
    UnitConfig,
    document_vectors,
    explain,
    explain_all,
    hidden_units,
    project,
    saliency,
    scatter,
)
from convlens.filters import CardConfig, FilterCard, FilterCards, filter_cards
from convlens.models import (
    PRESETS,
    Classifier,
    ConvLayer,
    DeepTextCNN,
    DeepTextCNNConfig,
    FitConfig,
    Metrics,
    TextCNN,
    TextCNNConfig,
    TrainConfig,
    fit,
    load,
    measure,
    save,
    unseen,
)
from convlens.report import report
from convlens.scan import ScanConfig, read_scan, read_summary, scan
from convlens.text import TextConfig, WordVectors, read_vectors
from convlens.trace import Trace, trace
from convlens.version import VERSION as __version__

__all__ = [
    "METHODS",
    "PRESETS",
    "AttackConfig",
    "Attacks",
    "CardConfig",
    "Certificates",
    "CertifyConfig",
    "Classifier",
    "Columns",
    "ConvLayer",
    "Corpus",
    "DeepTextCNN",
    "DeepTextCNNConfig",
    "EvaluateConfig",
    "Evaluation",
    "Explanation",
    "FilterCard",
    "FilterCards",
    "FitConfig",
    "InputError",
    "Metrics",
    "ScanConfig",
    "Splits",
    "TextCNN",
    "TextCNNConfig",
    "TextConfig",
    "Trace",
    "TrainConfig",
    "UnitConfig",
    "WordVectors",
    "__version__",
    "attack",
    "certify",
    "document_vectors",
    "evaluate",
    "explain",
    "explain_all",
    "filter_cards",
    "fit",
    "from_frame",
    "from_lists",
    "hidden_units",
    "load",
    "load_data",
    "matching_rate",
    "measure",
    "project",
    "read",
    "read_scan",
    "read_summary",
    "read_vectors",
    "report",
    "saliency",
    "save",
    "scan",
    "scatter",
    "split",
    "trace",
    "unseen",
]
