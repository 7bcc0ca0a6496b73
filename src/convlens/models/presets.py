"""The papers' networks and training settings, by name."""

from dataclasses import dataclass

from convlens.errors import InputError
from convlens.models.config import TextCNNConfig, TrainConfig
from convlens.models.deep_config import ConvLayer, DeepTextCNNConfig
from convlens.models.fitting import FitConfig
from convlens.shown import suggestion
from convlens.text import LETTERS, NAMES, TextConfig


@dataclass(frozen=True)
class Preset:
    """`config` is what `paper` fixes, filled up with our defaults; `note` says what differs from the paper."""

    paper: str
    config: FitConfig
    note: str


def _yuan(length: int, filters: tuple[int, ...], lr: float, batch_size: int) -> FitConfig:
    """Kernel 5 throughout, case kept, 300 numbers (Yuan et al. 2019, table 2)."""
    return FitConfig(
        TextConfig("words", lower=False, min_count=1, max_tokens=length),
        DeepTextCNNConfig(tuple(ConvLayer(count, 5) for count in filters), dim=300),
        TrainConfig(lr=lr, batch_size=batch_size),
    )


WORDS = TextConfig("words")
YUAN = (
    "it starts from word2vec of 300 numbers (--vectors), does not say how it pools (here: over time), "
    "for how many epochs it trains, and whether it drops out (here: 0.5)"
)
PRESETS = {
    "kim": Preset(
        "Kim 2014",
        FitConfig(WORDS, TextCNNConfig((3, 4, 5), 100, dim=300), train=TrainConfig(batch_size=50)),
        "it starts from word2vec of 300 numbers (--vectors) and trains by Adadelta with a bound on the norm of the "
        "head's weights (here: Adam without)",
    ),
    "xu-du": Preset(
        "Xu & Du 2020",
        FitConfig(WORDS, TextCNNConfig((3, 4, 5), 50, dim=100), train=TrainConfig(lr=0.005, batch_size=128)),
        "it starts from GloVe of 100 numbers (--vectors), and takes --lr 0.01 for AG's News",
    ),
    "jacovi": Preset(
        "Jacovi et al. 2018",
        FitConfig(WORDS, TextCNNConfig((2, 3, 4), 50, dim=50, head_bias=False)),
        "it starts from GloVe of 50 numbers (--vectors), and has a smaller network too (--filters 10)",
    ),
    "arras": Preset(
        "Arras et al. 2016",
        FitConfig(
            TextConfig("treebank", max_tokens=400, only=NAMES),
            TextCNNConfig((2,), 800, dim=300, vector_dropout=0),
            TrainConfig(epochs=100, patience=5, tune_vectors=False),
        ),
        "it starts from word2vec of 300 numbers (--vectors) and trains by "
        "gradient descent with momentum and an L2 penalty (here: Adam without)",
    ),
    "yuan-mr": Preset("Yuan et al. 2019, MR", _yuan(56, (128, 64, 32), 2e-4, 128), YUAN),
    "yuan-ag-news": Preset("Yuan et al. 2019, AG's News", _yuan(195, (512, 256, 128, 64), 5e-4, 64), YUAN),
    "imdb-filters": Preset(
        "the IMDb filter paper, table 1",
        FitConfig(
            TextConfig(
                "words",
                min_count=1,
                max_words=23_363,
                max_tokens=250,
                only=LETTERS,
                keep_stop_words=False,
                keep_unknown=False,
            ),
            DeepTextCNNConfig(
                (ConvLayer(32, 5, 2), ConvLayer(16, 5, 2)),
                length=250,
                hidden=128,
                sigmoid=True,
                dropout=0,
            ),
            TrainConfig(epochs=5, patience=5, tune_vectors=False),
        ),
        "it starts from word2vec of 100 numbers trained on the corpus (--vectors), takes its words from an "
        "English dictionary (here: the most frequent), and lowers the step size as it goes",
    ),
}


def find_preset(name: str) -> Preset:
    """A preset of `PRESETS`; `InputError` lists them and suggests the nearest."""
    if name in PRESETS:
        return PRESETS[name]
    raise InputError(
        f"unknown preset {name!r}: {suggestion(name, PRESETS)}the presets are {', '.join(PRESETS)}"
    )
