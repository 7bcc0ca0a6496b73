"""What an evaluation measures, on which documents."""

from collections.abc import Sequence
from dataclasses import dataclass

from convlens.arguments import check_settings
from convlens.errors import InputError
from convlens.explain import METHODS, find_method
from convlens.models import TextModel

RANDOM = "random"  # no method of `METHODS`: the words in any order, what every method has to beat
EXACT = "exact"  # no method either: the next word by the margins of all that are left, what no method beats by one word
ORDERS = (EXACT, RANDOM)
DEFAULT = ("words", "lrp", "gradient-x-input", "sensitivity", "loss-change")  # one or few passes a document


@dataclass(frozen=True)
class EvaluateConfig:
    """`methods` of `METHODS`, or of `ORDERS` (None: those of `DEFAULT` that answer for the model, and `random`).

    At most `documents` (None: all), spread evenly over those with at least `min_words` words, lose up to
    `deletions` words. `random` is the mean of `runs` orders. Intervals of 95 % come from `resamples` of the
    documents, the overlap is that of the `top` words, and `sanity` documents (0: none) are scored again by
    randomised models.
    """

    methods: tuple[str, ...] | None = None
    documents: int | None = 1000
    deletions: int = 50
    min_words: int = 1
    runs: int = 10
    resamples: int = 1000
    top: int = 5
    sanity: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self)
        least = {"deletions": 1, "min_words": 1, "runs": 1, "resamples": 1, "top": 1, "sanity": 0, "seed": 0}
        for name, value in {"documents": 1, **least}.items():
            setting = getattr(self, name)
            if setting is not None and setting < value:
                raise InputError(f"{name} must be at least {value}, got {setting}")
        if self.methods is not None:
            self._check_methods(self.methods)

    @staticmethod
    def _check_methods(methods: tuple[str, ...]) -> None:
        if not methods:
            raise InputError(f"no methods were given: name some of {', '.join((*METHODS, *ORDERS))}")
        for name in methods:
            if name not in ORDERS and find_method(name).of_ngrams:
                raise InputError(
                    f"the method {name!r} scores n-grams, and words are what is deleted here: choose methods of words"
                )

    def chosen(self, model: TextModel) -> tuple[str, ...]:
        """The methods for a model, each once and `ORDERS` last; `InputError` for one that cannot answer for it."""
        family = type(model).__name__
        fitting = [name for name in DEFAULT if family in METHODS[name].families]
        asked = [*fitting, RANDOM] if self.methods is None else self.methods
        names = scoring(list(dict.fromkeys(asked)))
        for name in names:
            find_method(name, model)
        return (*names, *(name for name in ORDERS if name in asked))


def scoring(methods: Sequence[str]) -> list[str]:
    """Those that give words scores: all but `ORDERS`."""
    return [name for name in methods if name not in ORDERS]
