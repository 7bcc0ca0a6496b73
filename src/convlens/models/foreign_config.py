"""What is known of a network of somebody else that is asked from outside."""

from dataclasses import dataclass
from typing import Literal

from convlens.models.padding import Padding

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
