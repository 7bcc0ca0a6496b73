"""Yuan et al. 2019: MR and AG's News."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
