"""ConvLens: train convolutional text classifiers and explain them exactly.

>>> import convlens
>>> corpus = convlens.read("reviews.csv")  # doctest: +SKIP
>>> classifier = convlens.fit(corpus)  # doctest: +SKIP
>>> classifier.predict(["What a good movie"])  # doctest: +SKIP
>>> convlens.explain(classifier, "What a good movie")  # doctest: +SKIP
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
