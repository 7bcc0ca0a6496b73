"""What became of a network of a public repository."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was read and proven, or the sentence of the refusal, or why the repository's own code fails here.

    `largest` is the largest difference of `compared` between both, `residual` that between a logit and the parts of its explanation.
    """

    read: str = ""
    folded: tuple[str, ...] = ()
    padding: str = ""
    compared: str = ""
    texts: int = 0
    hard: int = 0
    largest: float | None = None
    residual: float | None = None
    seconds: float = 0
    refusal: str = ""
    failure: str = ""
