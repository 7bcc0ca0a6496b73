"""What a card holds, and from which purity on a filter is taken to tell its class."""

from dataclasses import dataclass

from convlens.arguments import check_settings
from convlens.errors import InputError


@dataclass(frozen=True)
class CardConfig:
    """How cards are made.

    The threshold of a filter is the lowest value at which `purity` is reached. A card shows its `top` n-grams and the
    `top` words of each slot, its largest `clusters` with `examples` each, and of every example up to `negatives` n-grams
    that differ in at most `distance` words and do not pass. `filters` are the numbers wanted (None: all).
    Of a filter with many passing n-grams about `windows` windows are looked at. The bandwidth of the mean shift is the mean
    distance within which the share `quantile` of the n-grams lies. It runs on `sample` of them, drawn by `seed`. Its seeds
    lie in the `starts` fullest bins, each as wide as the bandwidth. Thresholds, purity and coverage are those of all documents; n-grams and clusters
    of those of them, spread evenly, that have about `words` words (None: of all).
    """

    purity: float = 0.75
    top: int = 7
    clusters: int = 5
    examples: int = 3
    negatives: int = 5
    distance: int = 1
    filters: tuple[int, ...] | None = None
    windows: int = 2**18
    quantile: float = 0.1
    sample: int = 2000
    starts: int = 32
    seed: int = 0
    words: int | None = None

    def __post_init__(self) -> None:
        check_settings(self)
        least = {"top": 1, "clusters": 1, "examples": 1, "negatives": 0, "distance": 1}
        for name, value in {**least, "windows": 1, "sample": 1, "starts": 1, "seed": 0}.items():
            if getattr(self, name) < value:
                raise InputError(f"{name} must be at least {value}, got {getattr(self, name)}")
        if self.words is not None and self.words < 1:
            raise InputError(f"words must be at least 1, or None, got {self.words}")
        for name in ("purity", "quantile"):
            if not 0 < getattr(self, name) <= 1:
                raise InputError(f"{name} is a share above 0 and up to 1, got {getattr(self, name)}")

    def chosen(self, count: int) -> list[int]:
        """The numbers of the filters wanted of so many, in order; `InputError` for one that is not there."""
        if self.filters is None:
            return list(range(count))
        for number in self.filters:
            if not 0 <= number < count:
                raise InputError(f"there is no filter {number}: this model has the filters 0 to {count - 1}")
        return sorted(set(self.filters))
