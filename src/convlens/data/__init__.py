"""Labelled corpora: reading, splitting, naming labels, and setting bad rows aside.

>>> from convlens.data import from_lists, split
>>> corpus = from_lists(["good film", "bad film"] * 5, ["pos", "neg"] * 5)
>>> corpus.counts()
{'neg': 5, 'pos': 5}
>>> len(split(corpus, share=0.2).test)
2
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
