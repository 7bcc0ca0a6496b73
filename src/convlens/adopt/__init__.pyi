from .adopt import adopt
from .graph import CannotRead
from .proof import NotEqual
from .vocabulary import Vocabulary, vocabulary_of

__all__ = ["CannotRead", "NotEqual", "Vocabulary", "adopt", "vocabulary_of"]
