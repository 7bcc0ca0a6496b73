"""What a model that was taken over from elsewhere was, or is where it is only asked, and the proof that it answers the same."""

from dataclasses import dataclass
from typing import Literal

from convlens.models.padding import Padding


@dataclass(frozen=True)
class Proof:
    """A comparison of a model with the network that it was made of, text by text.

    `texts` are the user's and `hard` those made for it: empty, of one word, short, long, of unknown words, with padding spelled out.
    `largest` is the largest difference of `compared` ("logits", "probabilities", ...), on the text `where`; it had to be below `tolerance`
    times the size of the value, if that is above 1. `reference` says what the model was compared with besides the network itself.
    """

    texts: int
    hard: int
    compared: str
    largest: float
    where: str
    tolerance: float
    reference: str = ""


@dataclass(frozen=True)
class Adoption:
    """How a model was made of a foreign network.

    `source` is what it was, `network` what was read in it, `folded` what has no part of its own any more, `padding` how texts are
    padded, `notes` what differs from a model of ConvLens. `versions` are those of the libraries that read it.
    """

    source: str
    network: str
    folded: tuple[str, ...]
    padding: str
    notes: tuple[str, ...]
    proof: Proof
    versions: dict[str, str]

    @property
    def told(self) -> str:
        """What was proven, in a sentence for people."""
        proof = self.proof
        against = f" and with {proof.reference}" if proof.reference else ""
        return (
            f"{proof.compared} equal to those of the network{against} on {proof.texts:,} texts and {proof.hard} hard ones, to "
            f"{proof.largest:.1e}"
        )


Makes = Literal["logits", "probabilities", "log probabilities", "probabilities of each label"]


@dataclass(frozen=True)
class ForeignConfig:
    """What a foreign network is called, the numbers of its word vectors, what it makes of its logits, and how texts are padded."""

    name: str
    dim: int
    makes: Makes
    padding: Padding

    @property
    def shape(self) -> str:
        """The network in a line for people."""
        padding = f", {self.padding.told}" if self.padding.told else ""
        return f"{self.name}, vectors of {self.dim} numbers{padding}"
