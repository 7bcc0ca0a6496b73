"""Why this prediction? One function per method, one `Explanation` for all.

A `Method` maps a model and a batch to an `Attribution`: scores (B, U, C) for units U, which are words
or filters' n-grams, and the part no unit owns. Positive means that the unit speaks for the class, but
for sensitivities, which have no sign. Exact methods sum to the logits, and their `Explanation` carries
its residual, so that anyone can check; `Sums` says what the others promise. A method says which model
families it answers for, and is refused for others.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
