"""Why a model that was read does not answer as the service does: what makes the two equal when it is changed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from convlens.adopt.proof import Answers, excess, ours
from convlens.adopt.vocabulary import Vocabulary
from convlens.arrays import Ints
from convlens.errors import InputError
from convlens.models import Classifier, Padding
from convlens.text import TextConfig, Tokenizer

LENGTHS = (
    *(16, 20, 25, 30, 32, 40, 48, 50, 56, 59, 60, 64, 80, 100, 120, 128, 150, 200, 250, 256, 300),
    *(350, 400, 500, 512, 600, 750, 800, 1000, 1024, 1500, 2000),
)
SAMPLE = 200  # texts that hypotheses are tried on
FEW = 16  # of them, that the others wait for
CONVINCING = 0.9  # share of texts that a cause must make equal


@dataclass(frozen=True)
class Setting:
    """What a model is made of besides the network."""

    config: TextConfig
    vocabulary: Vocabulary
    padding: Padding


Make = Callable[[Setting], Classifier]


def paddings(widest: int, needed: int, lengths: Sequence[int]) -> Iterator[Padding]:
    """Ways to pad texts: cut to lengths that are likely, as short as windows allow, long on one side, or cut to a usual length."""
    yield from _cut(lengths, widest)
    if needed > 1:
        yield Padding(least=needed)
    yield Padding()
    for many in (widest, max(widest, 5), max(widest, 7), max(widest, 10)):
        yield Padding(least=many)
    for many in range(widest, 0, -1):  # more of it changes no maximum
        yield Padding(after=many)
        yield Padding(before=many)
        yield Padding(before=many, after=many)
    yield from _cut(LENGTHS, widest)


def _cut(lengths: Sequence[int], widest: int) -> Iterator[Padding]:
    for length in lengths:
        for side in ("right", "left"):
            for cut in ("right", "left"):
                if length >= widest:
                    yield Padding(length=length, side=side, cut=cut)


class Sample:
    """Some of the texts, evenly spread, the last among them, with their answers; what a tokeniser makes of each is kept for the next padding."""

    def __init__(self, texts: Sequence[str], answers: Answers) -> None:
        places = range(len(texts) - 1, -1, -max(len(texts) // SAMPLE, 1))
        self.texts = [texts[i] for i in places]
        self.answers = Answers(answers.values[places], answers.kind)
        self._cut_by: Setting | None = None
        self._documents: dict[int, Ints] = {}

    def documents(self, setting: Setting, tokenizer: Tokenizer, places: Sequence[int]) -> list[Ints]:
        """The word numbers of texts at places."""
        last = self._cut_by
        if last is None or last.vocabulary is not setting.vocabulary or last.config != setting.config:
            self._cut_by, self._documents = setting, {}
        for i in places:
            if i not in self._documents:
                self._documents[i] = np.asarray(tokenizer.encode(self.texts[i]).ids)
        return [self._documents[i] for i in places]


def equal_share(make: Make, setting: Setting, sample: Sample, tolerance: float) -> float:
    """The share of texts on which a model of these settings gives the answers; of a few of them where it mostly does not."""
    texts, answers = sample.texts, sample.answers
    try:
        classifier = make(setting)
        for places in (range(0, len(texts), max(len(texts) // FEW, 1)), range(len(texts))):
            documents = sample.documents(setting, classifier.tokenizer, places)
            values = ours(classifier, documents, answers.kind, answers.values.shape[1])
            share = float((excess(values, answers.values[places]) <= tolerance).mean())
            if share < 1 / 2:
                break
    except InputError:
        return 0.0
    return share


def fitting_padding(
    make: Make,
    setting: Setting,
    candidates: Iterator[Padding],
    texts: Sequence[str],
    answers: Answers,
    tolerance: float,
) -> Padding:
    """The first way to pad texts that gives all answers, or the one that gives the most."""
    best, most = setting.padding, -1.0
    sample = Sample(texts, answers)
    for padding in candidates:
        share = equal_share(make, replace(setting, padding=padding), sample, tolerance)
        if share > most:
            best, most = padding, share
        if share == 1:
            break
    return best


def probable_cause(
    make: Make,
    setting: Setting,
    texts: Sequence[str],
    answers: Answers,
    tolerance: float,
    candidates: Iterator[Padding],
) -> str:
    """What, if it were otherwise, would make most texts equal; else what the share of different texts speaks for."""
    sample = Sample(texts, answers)
    now = equal_share(make, setting, sample, tolerance)
    best, most = "", now
    for sentence, other in _hypotheses(setting, candidates):
        share = equal_share(make, other, sample, tolerance)
        if share > most:
            best, most = sentence, share
        if share == 1:
            break
    if best and most >= min(CONVINCING, (1 + now) / 2):
        return f"{best} (then {most:.0%} of texts are equal)"
    if now < 1 / 2:
        return "the order of the vocabulary, or how texts are cut into words, as most texts differ"
    return "how texts are cut into words, padded, or unknown words are read, as some texts differ"


def _hypotheses(setting: Setting, candidates: Iterator[Padding]) -> Iterator[tuple[str, Setting]]:
    config, vocabulary = setting.config, setting.vocabulary
    folds = (
        "lower case: texts are not lower-cased there"
        if config.lower
        else "lower case: texts are lower-cased there"
    )
    yield folds, replace(setting, config=replace(config, lower=not config.lower))
    for row, name in _unknown_rows(vocabulary):
        words = Vocabulary(vocabulary.rows, vocabulary.padding, row)
        keeps = replace(config, keep_unknown=row is not None)
        yield f"unknown words: {name}", replace(setting, vocabulary=words, config=keeps)
    for shift in (1, -1, 2, -2, 3, -3):
        for special in (True, False):
            shifted = _shifted(vocabulary, shift, special=special)
            if shifted is not None:
                sentence = f"the vocabulary is shifted: words have rows {shift:+d} from those given"
                yield sentence, replace(setting, vocabulary=shifted)
    for row in (row for row in (0, 1, None) if row != vocabulary.padding):
        words = Vocabulary(vocabulary.rows, row, vocabulary.unknown)
        name = "a zero vector" if row is None else f"row {row}"
        yield f"the vector of padding: it is {name}", replace(setting, vocabulary=words)
    for padding in candidates:
        yield f"padding: texts are {padding.told or 'not padded'}", replace(setting, padding=padding)


def _unknown_rows(vocabulary: Vocabulary) -> Iterator[tuple[int | None, str]]:
    last = max(vocabulary.rows.values(), default=0)
    for row in dict.fromkeys((vocabulary.padding, 0, 1, 2, 3, last, last + 1)):
        if row is not None and row != vocabulary.unknown:
            yield row, f"they have row {row}"
    if vocabulary.unknown is not None:
        yield None, "they are left out"


def _shifted(vocabulary: Vocabulary, shift: int, *, special: bool) -> Vocabulary | None:
    """Every word some rows further, with those of padding and unknown words or without; None where rows would be negative."""
    fixed = set() if special else {vocabulary.padding, vocabulary.unknown}
    rows = {word: row if row in fixed else row + shift for word, row in vocabulary.rows.items()}
    if min(rows.values(), default=0) < 0:
        return None
    padding, unknown = (
        row if row is None or row in fixed else max(row + shift, 0)
        for row in (vocabulary.padding, vocabulary.unknown)
    )
    return Vocabulary(rows, padding, unknown)
