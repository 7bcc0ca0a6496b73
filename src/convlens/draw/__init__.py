"""What those who draw share: points in a plane, SVG, colours, lines of text."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
