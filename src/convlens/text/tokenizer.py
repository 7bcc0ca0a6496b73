"""A tokeniser with its vocabulary: texts in, word numbers and character spans out."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.arguments import check_settings
from convlens.decoding import decode
from convlens.errors import InputError
from convlens.shown import clipped, shown
from convlens.text.compiled import Lexicon, cut_all, different, latin, pays, portions
from convlens.text.cutting import Cutter, Piece, pieces
from convlens.text.documents import Documents, starts
from convlens.text.filtering import Keep, keeper
from convlens.text.masking import MASK, mask
from convlens.text.settings import TextConfig
from convlens.text.tokens import AT_ONCE, ArrayTuple, ManyTokens, Places, Tokens, joined, span_type

PAD, UNKNOWN = 0, 1
SPECIAL = ("<pad>", "<unk>")
RARE = ("padding <pad>", "unknown word <unk>")  # no splitter gives a word with a blank in it
FORMAT = 1
RESTORE = "restore it or train again"
# Settings that are written where there are any, so that an older ConvLens reads tokenisers that lack them.
LATEST = {"pattern", "delete", "function"}
# Settings that older files lack: their defaults are what was done then.
NEWER = {"only", "keep_stop_words", "keep_unknown", *LATEST}
Part = tuple[NDArray[np.int64], Places, NDArray[np.int64]]  # ids, spans and starts of some texts
NONE: Part = np.zeros(0, np.int64), np.zeros((0, 2), np.int32), np.zeros(1, np.int64)


@dataclass(frozen=True)
class Tokenizer:
    """A splitter and a vocabulary. Number 0 is padding, 1 every unknown word, 2 the first word.

    `masked` are n-grams of the vocabulary: where one occurs, each of its words is read as the word `MASK`. Where the
    splitter is a "function", `cutter` is that: texts to tuples (token, start, end), or to tokens alone, which are then
    searched for in the text. It is not saved.
    """

    config: TextConfig
    words: tuple[str, ...] = field(repr=False)
    masked: tuple[tuple[str, ...], ...] = ()
    cutter: Cutter | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_settings(self, besides=("cutter",))
        if len(self._numbers) != len(self.words):
            raise InputError("the vocabulary holds a word twice: every word must stand in it once")
        needed = {word for ngram in self.masked for word in ngram} | ({MASK} if self.masked else set())
        if not all(self.masked) or not needed <= set(self._numbers):
            raise InputError(
                f"masked n-grams must have words, all of them in the vocabulary, and {MASK!r} too"
            )

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: what was computed from them is computed again where they arrive."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.words, len(SPECIAL))}

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon.of(["", "", *self.words], lower=self.config.lower)

    @cached_property
    def _splitter(self) -> str:
        return self.config.resolved(()).splitter  # "auto" without texts is words

    @cached_property
    def _cut(self) -> Callable[[str], Iterator[Piece]]:
        return pieces(self.config.resolved(()), self.cutter)

    @cached_property
    def _keep(self) -> Keep | None:
        return keeper(self.config.only, stop_words=self.config.keep_stop_words)

    @property
    def size(self) -> int:
        """Rows an embedding needs: the words, padding and the unknown word."""
        return len(self.words) + len(SPECIAL)

    def word(self, number: int) -> str:
        """The word with this number, `<pad>` for 0 and beyond the vocabulary, `<unk>` for 1, or another name where texts hold that one."""
        if len(SPECIAL) <= number < self.size:
            return self.words[number - len(SPECIAL)]
        number = PAD if number >= self.size else number
        return SPECIAL[number] if SPECIAL[number] not in self._numbers else RARE[number]

    def encode(self, text: str) -> Tokens:
        """Cut one text into tokens and look each up."""
        ids, spans = self._read(text)
        return Tokens(text, self._mask(ids, starts([len(ids)])), ArrayTuple(spans))

    def encode_all(self, texts: Iterable[str]) -> ManyTokens:
        """`encode` for many texts, as flat arrays; by compiled kernels where that is faster."""
        texts = tuple(texts)
        parts = [NONE, *self._parts(texts)]
        return ManyTokens(texts, self._documents(parts), joined([spans for _, spans, _ in parts]))

    def documents(self, texts: Iterable[str]) -> Documents:
        """The word numbers of texts as flat arrays, without spans."""
        return self._documents([NONE, *self._parts(tuple(texts))])

    def ids(self, texts: Iterable[str]) -> list[NDArray[np.int64]]:
        """The word numbers of each text, without spans."""
        parts = ((self._mask(ids, begin), begin.tolist()) for ids, _, begin in self._parts(tuple(texts)))
        return [ids[a:b] for ids, begin in parts for a, b in pairwise(begin)]

    def _documents(self, parts: Sequence[Part]) -> Documents:
        edges = starts(np.concatenate([np.diff(begin) for _, _, begin in parts]))
        return Documents(self._mask(joined([ids for ids, _, _ in parts]), edges), edges)

    def _parts(self, texts: Sequence[str]) -> Iterator[Part]:
        """The tokens of some of the texts after another; the kernels know Latin-1 alone, and one splitter."""
        if self._splitter != "words" or not self.config.complete or not pays(texts):
            yield from map(self._one, texts)
            return
        for portion in portions(texts):
            plain = latin(portion)
            ids, spans, begin = cut_all(plain, self._lexicon, self.config.max_tokens)
            first = 0
            for place in [*(i for i, text in enumerate(portion) if text and not plain[i]), len(portion)]:
                piece = slice(begin[first], begin[place])
                yield ids[piece], spans[piece], begin[first : place + 1] - begin[first]
                yield from map(self._one, portion[place : place + 1])
                first = place + 1

    @cached_property
    def _patterns(self) -> list[NDArray[np.int64]]:
        return [np.array([self._numbers[word] for word in ngram]) for ngram in self.masked]

    def masking(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The word numbers of one document, those of masked n-grams masked."""
        return self._mask(ids, starts([len(ids)]))

    @property
    def whole(self) -> "Tokenizer":
        """The same tokeniser, reading documents to their ends and word for word, with nothing masked."""
        if self.config.max_tokens is None and not self.masked:
            return self
        return replace(self, config=replace(self.config, max_tokens=None), masked=())

    @property
    def mask_number(self) -> int | None:
        """The number of `MASK`, which no text can hold; None where nothing is masked."""
        return self._numbers[MASK] if self.masked else None

    def _mask(self, ids: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
        return mask(ids, starts, self._patterns, self._numbers[MASK]) if self.masked else ids

    def _one(self, text: str) -> Part:
        ids, spans = self._read(text)
        return ids, spans, starts([len(spans)])

    def _read(self, text: str) -> tuple[NDArray[np.int64], Places]:
        """Word numbers and spans of the tokens of a text that are read; some at a time, for Python's own values are large."""
        config, keep = self.config, self._keep
        tokens = self._cut(text)
        if keep is not None:
            tokens = (token for token in tokens if keep(token[0]))
        ids, spans = [np.zeros(0, np.int64)], [np.zeros((0, 2), span_type(len(text)))]
        left = sys.maxsize if config.max_tokens is None else config.max_tokens
        while batch := list(islice(tokens, min(left, AT_ONCE) if config.keep_unknown else AT_ONCE)):
            numbers = self._look_up([word for word, _, _ in batch])
            places = np.array([(start, end) for _, start, end in batch], spans[0].dtype)
            if not config.keep_unknown:
                known = np.flatnonzero(numbers != UNKNOWN)[:left]
                numbers, places = numbers[known], places[known]
            ids.append(numbers)
            spans.append(places)
            left -= len(numbers)
            if not left:
                break
        whole = joined(ids)
        ids.clear()
        return whole, joined(spans)

    def _look_up(self, words: Sequence[str]) -> NDArray[np.int64]:
        number = self._numbers.get
        words = [word.lower() for word in words] if self.config.lower else words
        return np.array([number(word, UNKNOWN) for word in words], dtype=np.int64)

    def to_json(self) -> str:
        """Settings and vocabulary as one JSON document."""
        settings = asdict(self.config)
        settings = {
            name: value for name, value in settings.items() if value is not None or name not in LATEST
        }
        content = {"format": FORMAT, **settings, "words": self.words}
        if self.masked:  # an older ConvLens, which would not mask them, does not know the entry and refuses
            content["masked"] = self.masked
        return json.dumps(content, indent=1) + "\n"

    @classmethod
    def from_json(cls, content: str) -> "Tokenizer":
        """Read what `to_json` wrote; `InputError` says what does not fit."""
        values = decode(content, dict[str, Any], "tokenizer.json, a JSON object,", RESTORE)
        if values.get("format") != FORMAT:
            raise InputError(
                f"tokenizer.json has format {shown(values.get('format'))}, this ConvLens reads format {FORMAT}: "
                "install the ConvLens that wrote it"
            )
        known = {f.name for f in fields(TextConfig)}
        if odd := (set(values) ^ (known | {"format", "words"})) - {"masked"} - (NEWER - set(values)):
            names = ", ".join(sorted(odd))
            raise InputError(
                f"tokenizer.json has missing or unknown entries ({clipped(names, 80)}): {RESTORE}"
            )
        parts = {name: json.dumps(values.get(name, [])) for name in ("words", "masked")}
        words = decode(
            parts["words"], tuple[str, ...], "tokenizer.json: 'words', a list of strings,", RESTORE
        )
        masked = decode(parts["masked"], tuple[tuple[str, ...], ...], "tokenizer.json: 'masked'", RESTORE)
        settings = json.dumps({name: values[name] for name in known & set(values)})
        return cls(decode(settings, TextConfig, "tokenizer.json", RESTORE), words, masked)


def build_tokenizer(texts: Iterable[str], config: TextConfig | None = None) -> Tokenizer:
    """Collect the vocabulary of `texts`, the most frequent words first, ties in alphabetical order."""
    texts = tuple(texts)
    config = (config or TextConfig()).resolved(texts)
    counts: Counter[str] = Counter()
    for word, count in _counted(texts, config):
        counts[word.lower() if config.lower else word] += count
    common = sorted((w for w, n in counts.items() if n >= config.min_count), key=lambda w: (-counts[w], w))
    return Tokenizer(config, tuple(common[: config.max_words]))


def _counted(texts: Sequence[str], config: TextConfig) -> Iterator[tuple[str, int]]:
    """Words as they are written and how often, some texts after another."""
    most = config.max_tokens if config.keep_unknown else None  # else it counts the known alone
    cutter = Tokenizer(replace(config, keep_unknown=True, max_tokens=most), ())
    for portion in portions(texts):
        tokens = cutter.encode_all(portion)
        words, codes = different(tokens.texts, tokens.owners, tokens.spans)
        yield from zip(words, np.bincount(codes, minlength=len(words)).tolist(), strict=True)
