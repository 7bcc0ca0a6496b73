"""What a scan computes and writes, and where it runs."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convlens.arguments import check_settings
from convlens.data import Columns
from convlens.errors import InputError
from convlens.explain import METHODS, find_method
from convlens.trace import check_backend

if TYPE_CHECKING:
    from convlens.data import Stream

TRACED = [name for name, method in METHODS.items() if method.of_trace is not None]
ENGINES = ("local", "ray")
WHERE = {"engine", "address", "workers"}  # what leaves the bytes of a scan as they are


@dataclass(frozen=True)
class ScanConfig:
    """`method` of `METHODS`; scores for `target` alone or (None) every class; of each document the `top`
    words with the largest absolute score for the target, or the predicted class, or (None) all words.

    `text` names the column; a part holds at most `rows` rows and `characters` characters of text. `backend` of
    `BACKENDS` traces. With `summary`, counts, word importance and the n-grams of the filters are added up over the
    whole file.

    Of `ENGINES`, "ray" shares the work among `workers` (None: one for each core) on the Ray cluster at
    `address`, or on a Ray of this machine that is started for it (None).
    """

    method: str = "words"
    target: str | None = None
    top: int | None = None
    text: str | None = None
    rows: int = 2048
    characters: int = 4_000_000
    backend: str = "auto"
    summary: bool = False
    engine: str = "local"
    address: str | None = None
    workers: int | None = None

    def __post_init__(self) -> None:
        check_settings(self)
        if self.summary and not find_method(self.method).of_trace is not None:
            raise InputError(
                f"a summary adds up what a trace tells, which {self.method!r} does not read: choose one of {', '.join(TRACED)}"
            )
        check_backend(self.backend)
        find_method(self.method)
        if self.top is not None and self.top < 1:
            raise InputError(f"top must be at least 1, got {self.top}: leave it out to keep every word")
        if self.engine not in ENGINES:
            raise InputError(f"unknown engine {self.engine!r}: choose one of {', '.join(ENGINES)}")
        if self.engine != "ray" and (self.address is not None or self.workers is not None):
            raise InputError("an address and a number of workers belong to the engine 'ray': choose it too")
        if (self.address or "").startswith("ray://"):
            raise InputError(
                f"{self.address} is for Ray's clients, but the file is read and the parts are written where the scan is "
                "begun: begin it on a machine of the cluster, with the address 'auto'"
            )
        if self.workers is not None and self.workers < 1:
            raise InputError(
                f"workers must be at least 1, got {self.workers}: leave it out for one each core"
            )

    @property
    def options(self) -> dict[str, Any]:
        """What the bytes of a scan follow from."""
        return {name: value for name, value in asdict(self).items() if name not in WHERE}

    def open(self, source: Path) -> "Stream":
        """Open a file for reading in batches of these sizes."""
        from convlens.data import stream

        return stream(source, Columns(text=self.text), rows=self.rows, characters=self.characters)
