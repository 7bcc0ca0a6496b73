"""Files of any size, explained in bounded memory: a folder of Parquet parts that can be gone on with."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
