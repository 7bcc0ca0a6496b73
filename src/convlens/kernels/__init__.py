"""Compiled loops over words: the walk over slot tables, its backward pass, and Adam for some rows of a matrix."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
