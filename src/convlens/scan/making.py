"""From a batch of texts to the files of its part, on whichever machine."""

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from pathlib import Path

from convlens.data import Batch
from convlens.explain import attribute_texts
from convlens.models import Classifier
from convlens.scan.config import ScanConfig
from convlens.scan.parts import packed, words_in
from convlens.scan.reductions import REDUCTIONS
from convlens.scan.tables import tables
from convlens.trace import vocabulary_table


@dataclass(frozen=True, eq=False)
class Job:
    """What an engine works on: the texts of `source`, but for the parts that are in `folder` already."""

    classifier: Classifier
    source: Path
    folder: Path
    config: ScanConfig


@dataclass(frozen=True, eq=False)
class Part:
    """What came of a batch: the content of its files by their kind, in the order they must be written.

    `files` is None where the part is in the folder already. `words` counts the rows of words, `tokens` those of the texts.
    """

    batch: Batch
    words: int
    tokens: int = 0
    files: dict[str, bytes] | None = None


class Maker:
    """Makes parts by one classifier, whose slot table is kept."""

    def __init__(self, classifier: Classifier, config: ScanConfig) -> None:
        self.classifier, self.config = classifier, config
        self.table = vocabulary_table(classifier.model, config.backend)

    def __call__(self, batch: Batch) -> Part:
        """Tokenise, trace, explain and lay out."""
        classifier, config = self.classifier, self.config
        tokens = classifier.tokenizer.encode_all(batch.texts)
        attribution = attribute_texts(
            classifier, tokens, method=config.method, backend=config.backend, source=self.table
        )
        reduced = {kind: REDUCTIONS[kind].of(classifier, attribution) for kind in reductions(config)}
        count = len(tokens.ids)
        del tokens  # with the trace: word numbers of a long text are large, and no table reads them
        content = tables(classifier, batch, replace(attribution, trace=None), config)
        del attribution
        return Part(batch, len(content.pieces), count, packed(content, reduced))


def reductions(config: ScanConfig) -> tuple[str, ...]:
    """The reductions whose share of each part is kept beside it."""
    return tuple(REDUCTIONS) if config.summary else ()


def there(batch: Batch, folder: Path, config: ScanConfig) -> Part | None:
    """The part of a batch where it is in the folder already."""
    words = words_in(folder, batch, reductions(config))
    return None if words is None else Part(batch, words)


def parts_here(job: Job) -> AbstractContextManager[Iterator[Part]]:
    """The local engine: one part after the other, in this process."""
    return closing(_parts(job))


def _parts(job: Job) -> Generator[Part, None, None]:
    make = Maker(job.classifier, job.config)
    for batch in job.config.open(job.source):
        yield there(batch, job.folder, job.config) or make(batch)
