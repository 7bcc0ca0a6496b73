from .activations import ACTIVATIONS
from .adoption import Adoption, ForeignConfig, Makes, Proof
from .arrays import Weights, passed
from .baseline import Baseline, tf_idf_baseline
from .batches import by_length, pad
from .calibration import Calibration, calibrate
from .checkpoint import checkpoint_of, drop, epochs_in, is_there
from .classifier import Classifier, aligned, check_one_label
from .config import TextCNNConfig, TrainConfig
from .deep import DeepTextCNN
from .deep_config import Branch, ConvLayer, DeepTextCNNConfig
from .families import TextModel, all_convolutions, build, layered, one_layer
from .fitting import FitConfig, FitConstraints, Limits, fit
from .foreign import Foreign
from .history import Epoch, TrainingHistory
from .kinds import (
    FAMILIES,
    Family,
    ModelConfig,
    arrays_of,
    check_one_layer,
    family_name,
    family_of,
    vectors_of,
    weights_of,
)
from .measured import Measured, measured_rows, unseen
from .metrics import LabelMetrics, Metrics, count, measure, measure_sets
from .padding import Padding, Reading
from .pooling import BY_TORCH, gated
from .presets import PRESETS, Preset, find_preset
from .repeats import Repeat, Repeats, cross_validate, over_seeds
from .saving import check_model_target, is_model, load, save
from .textcnn import TextCNN
from .thresholds import PURITY, find_thresholds, lowest_pure
from .training import Step
from .trunk import Trunk
from .watch import Bar, Notices, Watch

__all__ = [
    "ACTIVATIONS",
    "BY_TORCH",
    "FAMILIES",
    "PRESETS",
    "PURITY",
    "Adoption",
    "Bar",
    "Baseline",
    "Branch",
    "Calibration",
    "Classifier",
    "ConvLayer",
    "DeepTextCNN",
    "DeepTextCNNConfig",
    "Epoch",
    "Family",
    "FitConfig",
    "FitConstraints",
    "Foreign",
    "ForeignConfig",
    "LabelMetrics",
    "Limits",
    "Makes",
    "Measured",
    "Metrics",
    "ModelConfig",
    "Notices",
    "Padding",
    "Preset",
    "Proof",
    "Reading",
    "Repeat",
    "Repeats",
    "Step",
    "TextCNN",
    "TextCNNConfig",
    "TextModel",
    "TrainConfig",
    "TrainingHistory",
    "Trunk",
    "Watch",
    "Weights",
    "aligned",
    "all_convolutions",
    "arrays_of",
    "build",
    "by_length",
    "calibrate",
    "check_model_target",
    "check_one_label",
    "check_one_layer",
    "checkpoint_of",
    "count",
    "cross_validate",
    "drop",
    "epochs_in",
    "family_name",
    "family_of",
    "find_preset",
    "find_thresholds",
    "fit",
    "gated",
    "is_model",
    "is_there",
    "layered",
    "load",
    "lowest_pure",
    "measure",
    "measure_sets",
    "measured_rows",
    "one_layer",
    "over_seeds",
    "pad",
    "passed",
    "save",
    "tf_idf_baseline",
    "unseen",
    "vectors_of",
    "weights_of",
]
