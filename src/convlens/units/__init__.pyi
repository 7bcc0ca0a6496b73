from .fields import Field, fields
from .hidden import UnitConfig, hidden_units
from .meaning import TextUnits, UnitMeaning
from .neighbours import Neighbours, nearest_words
from .optimise import Ascent, Goal, Optimum, optimise
from .saliency import LayerSaliency, TextSaliency, each_saliency, saliency, unit_saliency

__all__ = [
    "Ascent",
    "Field",
    "Goal",
    "LayerSaliency",
    "Neighbours",
    "Optimum",
    "TextSaliency",
    "TextUnits",
    "UnitConfig",
    "UnitMeaning",
    "each_saliency",
    "fields",
    "hidden_units",
    "nearest_words",
    "optimise",
    "saliency",
    "unit_saliency",
]
