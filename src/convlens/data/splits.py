"""Training and test rows, and one list of label names for both."""

import math
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from convlens.arguments import checked
from convlens.data.corpus import Corpus, check_trainable
from convlens.data.labels import sameness
from convlens.errors import InputError
from convlens.shown import listed

KEPT = 2  # rows of a class to train on


@dataclass(frozen=True, slots=True)
class Splits:
    """Rows to train on and rows to test on, with the same label names."""

    train: Corpus
    test: Corpus


@checked
def split(corpus: Corpus, share: float = 0.1, seed: int = 0) -> Splits:
    """Hold out a share of the rows (rounded up), each class in proportion; the same seed holds out the same rows.

    At least as many rows as there are classes are held out. A class keeps two rows (one to train on, one to tell
    when to stop) as long as a larger class can give a row in its place. Raises `InputError` for a share not
    between 0 and 1, too few rows, and labels no classifier can be trained on.
    """
    train, test = split_rows(corpus, share, seed)
    return Splits(corpus.take(train), corpus.take(test))


def split_rows(corpus: Corpus, share: float, seed: int) -> tuple[list[int], list[int]]:
    """The rows, from 0, of the two parts of `split`, in their order."""
    if not 0 < share < 1:
        raise InputError(f"the share of rows held out must lie between 0 and 1, got {share}: 0.1 is a tenth")
    if corpus.labels is not None or corpus.sets is not None:
        check_trainable(corpus)
    rows, classes = len(corpus), len(set(corpus.labels or (0,)))
    held_out = max(math.ceil(share * rows), classes)
    if rows - held_out < classes:
        raise InputError(
            f"{corpus.source} has too few rows to split: {rows} rows of {classes} classes, of which "
            f"{held_out} would be held out: add rows or hold out a smaller share"
        )
    from sklearn.model_selection import train_test_split

    strata: Sequence[int] | None = corpus.labels if corpus.sets is None else _strata(corpus.sets)
    held_out = max(held_out, len(set(strata or ())))
    train, test = train_test_split(range(rows), test_size=held_out, random_state=seed, stratify=strata)
    if corpus.sets is not None:
        _exchange_rare(corpus.sets, train, test)
    elif corpus.labels is not None:
        _exchange(corpus.labels, train, test)
    return train, test


def folds(corpus: Corpus, count: int, seed: int = 0) -> Iterator[Splits]:
    """As many divisions into training and test rows as `count` says, in which each row is a test row once, each class in proportion.

    Raises `InputError` for fewer than two folds, and for classes of which a fold would leave less than two rows to train on.
    """
    if not 2 <= count <= len(corpus):
        raise InputError(f"folds must be from 2 to the {len(corpus):,} rows of {corpus.source}, got {count}")
    check_trainable(corpus)
    for name, rows in corpus.counts().items():
        if rows and rows - math.ceil(rows / count) < KEPT:
            raise InputError(
                f"{corpus.source}: the class {name!r} has {rows} rows, of which {count} folds leave too few to train on: add rows, "
                "drop the class, or take another number of folds"
            )
    from sklearn.model_selection import KFold, StratifiedKFold

    strata: Sequence[int] | None = corpus.labels if corpus.sets is None else None
    kind = KFold if strata is None else StratifiedKFold
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class")
        divisions = list(kind(count, shuffle=True, random_state=seed).split(range(len(corpus)), strata))
    for train, test in divisions:
        yield Splits(corpus.take(train.tolist()), corpus.take(test.tolist()))


def _strata(sets: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """For each set of labels the number of those that are equal to it; the rare ones together are one more."""
    counts = Counter(sets)
    rows = math.sqrt(len(sets))  # so that there are never many
    often = {
        labels: number for number, labels in enumerate(sorted(s for s in counts if counts[s] >= rows), 1)
    }
    strata = tuple(often.get(labels, 0) for labels in sets)
    return (0,) * len(sets) if strata.count(0) == 1 else strata


def _exchange_rare(sets: Sequence[tuple[int, ...]], train: list[int], test: list[int]) -> None:
    """Put rows with labels that fewer than `KEPT` rows to train on have back, for rows of the set that most have."""
    left = Counter(label for row in train for label in sets[row])
    common = Counter(sets[row] for row in train).most_common(1)[0][0]
    for place, row in enumerate(test):
        if all(left[label] >= KEPT for label in sets[row]):
            continue
        index = next((i for i, other in enumerate(train) if sets[other] == common != sets[row]), None)
        if index is not None:
            test[place], train[index] = train[index], row
            left.update(sets[row])
            left.subtract(common)


def _exchange(labels: Sequence[int], train: list[int], test: list[int]) -> None:
    """Put rows of classes that are left with fewer than `KEPT` back, for rows of the class with most."""
    left = Counter(labels[row] for row in train)
    for place, row in enumerate(test):
        if left[labels[row]] >= KEPT:
            continue
        most, rows = left.most_common(1)[0]
        if rows > KEPT:
            index = next(i for i, other in enumerate(train) if labels[other] == most)
            test[place], train[index] = train[index], row
            left.update({labels[row]: 1, most: -1})


def align_labels(train: Corpus, test: Corpus) -> Corpus:
    """Return `test` with the label names of `train`; raise `InputError` for labels unknown to it."""
    return align_to(train.label_names, test)


def align_to(label_names: Sequence[str], corpus: Corpus) -> Corpus:
    """Return a corpus with its labels numbered as in `label_names`; raise `InputError` for others.

    Labels match that mean the same, as `4` and `4.0` do.
    A corpus without labels comes back as it is.
    """
    if corpus.labels is None and corpus.sets is None:
        return corpus
    index = {sameness(name): i for i, name in reversed(list(enumerate(label_names)))}
    exact = {name: i for i, name in enumerate(label_names)}
    numbers = [exact.get(name, index.get(sameness(name), -1)) for name in corpus.label_names]
    counts = zip(corpus.counts().items(), numbers, strict=True)
    unknown = {name: rows for (name, rows), number in counts if rows and number < 0}
    if unknown:
        raise InputError(
            f"{corpus.source} has labels that are unknown in training: {_few(unknown)}; "
            f"known are {_few(label_names)}: rename or drop those rows"
        )
    if corpus.sets is not None:
        sets = tuple(tuple(sorted({numbers[label] for label in of_text})) for of_text in corpus.sets)
        return replace(corpus, sets=sets, label_names=tuple(label_names))
    return corpus.labelled(tuple(numbers[label] for label in corpus.labels or ()), tuple(label_names))


def _few(names: Sequence[str] | dict[str, int]) -> str:
    rows = names if isinstance(names, dict) else {}
    return listed([repr(n) + (f" ({rows[n]:,} rows)" if n in rows else "") for n in names])
