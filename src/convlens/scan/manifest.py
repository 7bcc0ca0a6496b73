"""`scan.json`: what a folder is a scan of, and whether it is whole."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from convlens.data import MOST, Batch
from convlens.decoding import decode, read_json
from convlens.errors import InputError
from convlens.files import printable, recover, replacing_in_place
from convlens.models import Classifier
from convlens.scan.config import ScanConfig
from convlens.shown import shown
from convlens.trace import effective
from convlens.version import VERSION

FORMAT = 1
KIND = "convlens scan"
NAME = "scan.json"


@dataclass(frozen=True)
class Counts:
    """How much a scan holds; `first` tells about the first row set aside."""

    parts: int = 0
    documents: int = 0
    words: int = 0
    rejected: int = 0
    first: str = ""

    def __post_init__(self) -> None:
        if min(self.parts, self.documents, self.words, self.rejected) < 0:
            raise ValueError("a count is negative")

    @property
    def doubtful(self) -> bool:
        """Whether more than a tenth of the rows are set aside, where `read` refuses a corpus."""
        return self.rejected > MOST * (self.documents + self.rejected)

    def plus(self, batch: Batch, words: int) -> "Counts":
        """With one part more."""
        first = [f"line {r.line}: {r.reason}" for r in batch.rejected[:1]]
        return Counts(
            self.parts + 1,
            self.documents + len(batch.texts),
            self.words + words,
            self.rejected + len(batch.rejected),
            self.first or "".join(first),
        )


@dataclass(frozen=True)
class Manifest:
    """Two scans with the same `fingerprint` hold the same bytes; `counts` is None until the last part."""

    fingerprint: dict[str, Any]
    counts: Counts | None = None

    def write(self, folder: Path) -> None:
        """Write it whole into the folder."""
        counts = None if self.counts is None else asdict(self.counts)
        content = {"kind": KIND, "format": FORMAT, "complete": counts is not None}
        values = {**content, "counts": counts, "fingerprint": self.fingerprint}
        with replacing_in_place(folder / NAME) as place:
            place.write_text(printable(json.dumps(values, indent=1)) + "\n", encoding="utf-8", newline="\n")


@dataclass(frozen=True)
class Written:
    """What `scan.json` holds."""

    kind: Literal["convlens scan"]
    format: int
    complete: bool
    counts: Counts | None
    fingerprint: dict[str, Any]

    def __post_init__(self) -> None:
        if self.complete != (self.counts is not None):
            raise ValueError("counts belong to a scan that is complete, and to no other")


def read_manifest(folder: Path) -> Manifest:
    """Read `scan.json`; `InputError` where the folder is no scan, or one of another ConvLens."""
    recover(folder)
    advice = "this is not a folder that a scan wrote, give another path"
    values = read_json(folder / NAME, dict[str, Any], advice)
    if values.get("kind") == KIND and values.get("format") != FORMAT:
        raise InputError(
            f"{folder} is a scan of format {shown(values.get('format'))}, this ConvLens reads format {FORMAT}: scan again"
        )
    written = decode(json.dumps(values), Written, str(folder / NAME), advice)
    return Manifest(written.fingerprint, written.counts)


def fingerprint(classifier: Classifier, source: Path, config: ScanConfig) -> dict[str, Any]:
    """What the bytes of a scan follow from: the model, the file as it is now, the options, and the backend, which
    `auto` leaves to the machine."""
    status = source.stat()
    return {
        "convlens": VERSION,
        "model": _digest(classifier),
        "source": {
            "path": str(source.resolve()),
            "bytes": status.st_size,
            "modified_ns": status.st_mtime_ns,
        },
        "backend": effective(classifier.model, config.backend),
        "options": config.options,
    }


def check_same(folder: Path, begun: dict[str, Any], now: dict[str, Any]) -> None:
    """Refuse to go on with a scan of something else."""
    odd = [name for name in sorted(set(begun) | set(now)) if begun.get(name) != now.get(name)]
    if odd:
        raise InputError(
            f"{folder} cannot be resumed, it was begun with another {' and '.join(odd)}: "
            "give what it was begun with, or --force to begin anew"
        )


def _digest(classifier: Classifier) -> str:
    """SHA-256 of all that decides a model's answers."""
    about = {"model": asdict(classifier.model.config), "labels": classifier.labels}
    digest = hashlib.sha256(json.dumps([about, classifier.tokenizer.to_json()]).encode())
    for name, weights in sorted(classifier.model.state_dict().items()):
        digest.update(f"{name} {weights.dtype} {tuple(weights.shape)}".encode())
        digest.update(weights.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()
