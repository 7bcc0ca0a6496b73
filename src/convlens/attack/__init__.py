"""How a decision is turned: typos, exact swaps, insertions; and proofs that it is not."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
