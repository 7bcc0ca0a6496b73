"""Traces: per filter, the pooled value and the position it came from, plus the logits."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
