"""What a scan computes and writes."""

from dataclasses import dataclass
from pathlib import Path

from convlens.data import Columns, Stream, stream
from convlens.errors import InputError
from convlens.explain import find_method
from convlens.trace import check_backend


@dataclass(frozen=True)
class ScanConfig:
    """`method` of `METHODS`; scores for `target` alone or (None) every class; of each document the `top`
    words with the largest absolute score for the target, or the predicted class, or (None) all words.

    `text` names the column; a part holds at most `rows` rows and `characters` characters of text. `backend` of
    `BACKENDS` traces.
    """

    method: str = "words"
    target: str | None = None
    top: int | None = None
    text: str | None = None
    rows: int = 2048
    characters: int = 4_000_000
    backend: str = "auto"

    def __post_init__(self) -> None:
        find_method(self.method)
        check_backend(self.backend)
        if self.top is not None and self.top < 1:
            raise InputError(f"top must be at least 1, got {self.top}: leave it out to keep every word")

    def open(self, source: Path) -> Stream:
        """Open a file for reading in batches of these sizes."""
        return stream(source, Columns(text=self.text), rows=self.rows, characters=self.characters)
