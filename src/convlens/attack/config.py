"""What an attack changes, in which order, on which documents."""

from dataclasses import dataclass

from convlens.arguments import check_settings
from convlens.errors import InputError
from convlens.explain import find_method
from convlens.models import TextModel, family_of, one_layer

RANDOM = "random"  # no method: chance, what every order has to beat
EXACT = "exact"  # no method: the best next edit, by the new logits of all
ATTACKS = ("typo", "swap", "insertion")
# Orders of the attacks that do not take methods; the first is the default's first.
ORDERS = {"swap": (EXACT, "gradient", RANDOM), "insertion": ("possible", "natural", RANDOM)}


def check_least(settings: object, least: dict[str, int]) -> None:
    """Raise `InputError` for numbers among the settings below their least; None is no number."""
    for name, value in least.items():
        number = getattr(settings, name)
        if number is not None and number < value:
            raise InputError(f"{name} must be at least {value}, got {number}")


@dataclass(frozen=True)
class AttackConfig:
    """`attack` of `ATTACKS` by each of `orders` (None: those that fit), up to `edits` edits a document.

    Orders of typos are methods of `METHODS`, `exact` or `random`, those of the others stand in `ORDERS`. A swap takes any word of
    the vocabulary, or with `nearest` one of so many nearest by cosine, and follows the `beam` best of every step.
    `target` is the label to reach (None: any but the true one). At most `documents` (None: all) are drawn by `seed`.
    """

    attack: str = "typo"
    orders: tuple[str, ...] | None = None
    edits: int = 10
    nearest: int | None = None
    beam: int = 1
    target: str | None = None
    documents: int | None = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self)
        if self.attack not in ATTACKS:
            raise InputError(f"unknown attack {self.attack!r}: choose one of {', '.join(ATTACKS)}")
        check_least(self, {"edits": 1, "nearest": 1, "beam": 1, "documents": 1, "seed": 0})
        if self.attack != "swap" and (self.nearest is not None or self.beam != 1):
            raise InputError(
                f"nearest words and a beam are settings of swaps, not of the attack {self.attack!r}: "
                "leave them out, or choose swap"
            )
        if self.orders is not None:
            self._check_orders(self.orders)

    def _check_orders(self, orders: tuple[str, ...]) -> None:
        fitting = ORDERS.get(self.attack)
        if not orders:
            raise InputError("no orders were given: name some, such as random")
        for name in orders:
            if fitting is None and name not in (EXACT, RANDOM) and find_method(name).of_ngrams:
                raise InputError(f"the method {name!r} scores n-grams, and typos need an order of words")
            if fitting is not None and name not in fitting:
                raise InputError(
                    f"unknown order {name!r} of the attack {self.attack!r}: choose of {', '.join(fitting)}"
                )

    def chosen(self, model: TextModel) -> tuple[str, ...]:
        """The orders for a model, each once; `InputError` for one that cannot answer for it."""
        if self.attack in ORDERS:
            one_layer(model, f"the attack {self.attack!r}")
            return tuple(dict.fromkeys(self.orders or ORDERS[self.attack]))
        names = self.orders or (family_of(model).method, "sensitivity-l2", RANDOM)
        for name in names:
            if name == EXACT:
                one_layer(model, "the order 'exact'")
            elif name != RANDOM:
                find_method(name, model)
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class CertifyConfig:
    """Certificates against up to `edits` swaps and deletions of single words.

    A swap takes any word, known or not, or with `nearest` one of so many nearest by cosine. At most `documents`
    (None: all) are drawn by `seed`; each is given up as unknown after `budget` bounds.
    """

    edits: int = 1
    nearest: int | None = None
    documents: int | None = 1000
    seed: int = 0
    budget: int = 20_000

    def __post_init__(self) -> None:
        check_settings(self)
        check_least(self, {"edits": 1, "nearest": 1, "documents": 1, "seed": 0, "budget": 1})
