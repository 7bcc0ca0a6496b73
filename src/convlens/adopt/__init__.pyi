from .adopt import adopt
from .graph import CannotRead
from .proof import NotEqual
from .recipe import OneLayer
from .vocabulary import Vocabulary, vocabulary_of

__all__ = ["CannotRead", "NotEqual", "OneLayer", "Vocabulary", "adopt", "vocabulary_of"]
