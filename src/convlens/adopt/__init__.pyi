from .adopt import adopt
from .export import FORMATS, Export, check_export_target, export
from .graph import CannotRead
from .proof import NotEqual
from .recipe import OneLayer
from .vocabulary import Vocabulary, vocabulary_of

__all__ = [
    "FORMATS",
    "CannotRead",
    "Export",
    "NotEqual",
    "OneLayer",
    "Vocabulary",
    "adopt",
    "check_export_target",
    "export",
    "vocabulary_of",
]
