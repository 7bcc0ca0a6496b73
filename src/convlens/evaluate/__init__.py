"""How far can an explanation be trusted? Methods of `METHODS`, measured against the model that they explain.

A word is taken away by setting its vector to zero (Arras et al. 2016), here and in every part of this room. Higher
is better for comprehensiveness and for the share of decisions turned, lower for sufficiency.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
