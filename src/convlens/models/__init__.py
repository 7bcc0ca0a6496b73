"""`TextCNN`, its training, saving and loading, and the `Classifier` that joins it to text."""

from convlens.models.batches import by_length, pad
from convlens.models.classifier import Classifier
from convlens.models.config import TextCNNConfig
from convlens.models.fitting import FitConfig, fit
from convlens.models.metrics import Metrics, count, measure
from convlens.models.record import Epoch, Record
from convlens.models.saving import check_model_target, is_model, load, save
from convlens.models.textcnn import TextCNN
from convlens.models.training import Step, TrainConfig
from convlens.models.watch import Bar, Watch

__all__ = [
    "Bar",
    "Classifier",
    "Epoch",
    "FitConfig",
    "Metrics",
    "Record",
    "Step",
    "TextCNN",
    "TextCNNConfig",
    "TrainConfig",
    "Watch",
    "by_length",
    "check_model_target",
    "count",
    "fit",
    "is_model",
    "load",
    "measure",
    "pad",
    "save",
]
