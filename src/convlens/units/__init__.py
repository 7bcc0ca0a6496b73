"""What places of hidden layers respond to (Yuan et al. 2019): saliency, optimised inputs, nearest words, pictures."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
