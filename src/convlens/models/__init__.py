"""`TextCNN` and `DeepTextCNN`, their training, saving and loading, and the `Classifier` that joins it to text."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
