"""`TextCNN` and `DeepTextCNN`, their training, saving and loading, and the `Classifier` that joins it to text."""

from convlens.models.batches import by_length, pad
from convlens.models.checkpoint import checkpoint_of, drop, epochs_in, is_there
from convlens.models.classifier import Classifier
from convlens.models.config import TextCNNConfig
from convlens.models.deep import DeepTextCNN
from convlens.models.deep_config import ConvLayer, DeepTextCNNConfig
from convlens.models.families import FAMILIES, Family, ModelConfig, TextModel, build, family_of, one_layer
from convlens.models.fitting import FitConfig, Limits, fit
from convlens.models.gates import gated
from convlens.models.measured import Measured, measured_rows, unseen
from convlens.models.metrics import Metrics, count, measure
from convlens.models.presets import PRESETS, Preset, find_preset
from convlens.models.record import Epoch, Record
from convlens.models.saving import check_model_target, is_model, load, save
from convlens.models.textcnn import TextCNN
from convlens.models.thresholds import PURITY, find_thresholds, lowest_pure
from convlens.models.training import Step, TrainConfig
from convlens.models.watch import Bar, Watch

__all__ = [
    "FAMILIES",
    "PRESETS",
    "PURITY",
    "Bar",
    "Classifier",
    "ConvLayer",
    "DeepTextCNN",
    "DeepTextCNNConfig",
    "Epoch",
    "Family",
    "FitConfig",
    "Limits",
    "Measured",
    "Metrics",
    "ModelConfig",
    "Preset",
    "Record",
    "Step",
    "TextCNN",
    "TextCNNConfig",
    "TextModel",
    "TrainConfig",
    "Watch",
    "build",
    "by_length",
    "check_model_target",
    "checkpoint_of",
    "count",
    "drop",
    "epochs_in",
    "family_of",
    "find_preset",
    "find_thresholds",
    "fit",
    "gated",
    "is_model",
    "is_there",
    "load",
    "lowest_pure",
    "measure",
    "measured_rows",
    "one_layer",
    "pad",
    "save",
    "unseen",
]
