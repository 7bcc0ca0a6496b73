"""Data inside the page: JSON no text can break out of, and compressed groups read on demand."""

import base64
import json
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.files import printable
from convlens.report.data import Document, Projection, TokenScores, WordMap

GROUP = 50  # documents unpacked together when one of them is opened
SNIPPET = 180  # characters of a document in the list
LEVELS = 32_767  # of the scores of a page's first method, which are shown to four digits
COARSE = 127  # of those of the others
POOLED = 1023  # of the values of a document's filters, shown to three
BLANK = {c: "\ufffd" for c in (*range(32), *range(127, 160)) if chr(c) not in "\t\n\r"}
ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def embed(value: Any) -> Markup:
    """JSON for a `<script type="application/json">`: no character in it can end the element."""
    return Markup(_json(value).translate(ESCAPES))


def quantise(scores: Floats, levels: int = LEVELS) -> tuple[NDArray[np.int64], Floats]:
    """Round each column of (W, C) to `levels` steps of its largest score: numbers (W, C), steps (C,).

    `numbers * steps` is off by at most half a step: of `LEVELS`, 1.6e-5 of the column's largest score.
    """
    scores = np.nan_to_num(np.asarray(scores, dtype=np.float64))
    steps = np.array([float(f"{step:.6g}") for step in abs(scores).max(0, initial=0) / levels])
    steps[steps == 0] = 1
    return np.clip(np.rint(scores / steps), -levels, levels).astype(np.int64), steps


def pack_texts(documents: Sequence[Document]) -> list[str]:
    """The texts, `GROUP` to a part; a part is compressed JSON in base 64."""
    return [pack_json([shown(d.text) for d in part]) for part in _parts(documents)]


def pack_snippets(documents: Sequence[Document]) -> str:
    """The beginning of each text, as compressed JSON in base 64."""
    return pack_json([shown(" ".join(d.text[: 4 * SNIPPET].split())[:SNIPPET]) for d in documents])


def pack_details(documents: Sequence[Document]) -> list[str]:
    """Everything about a document but its text, in the same groups.

    A part is compressed and in base 64: the length of the JSON (uint32, little-endian), the JSON, and numbers, kind
    after kind and within each document after document: scores of the first method in 16 bits, of each other one in 8,
    class by class; gaps before words and lengths of words in 16, pooled values in 16, positions + 1 in 24.
    """
    return [_compress(_detail_bytes(part)) for part in _parts(documents)]


def pack_projection(projection: Projection | None) -> str:
    """The points of a projection, panel after panel, x and then y, each in 16 bits, compressed and in base 64."""
    if projection is None:
        return ""
    numbers = np.rint(projection.points * LEVELS).astype(np.int64)
    return _compress(b"".join(_planes([numbers[..., axis]], 2) for axis in (0, 1)))


def pack_map(plane: WordMap) -> str:
    """The coordinates of a map, all x and then all y, each in 16 bits, compressed and in base 64."""
    return pack_planes([np.rint(plane.points.T * LEVELS).astype(np.int64)], 2)


def pack_map_names(plane: WordMap) -> str:
    """What the points of a map are, as compressed JSON in base 64."""
    words = {name: [shown(word) for word in getattr(plane, name)] for name in ("words", "important")}
    return pack_json({**words, "filters": plane.filters, "slots": plane.slots})


def pack_json(value: Any) -> str:
    """JSON, compressed and in base 64."""
    return _compress(_json(value).encode())


def pack_planes(parts: Sequence[NDArray[np.int64]], size: int) -> str:
    """Numbers of `size` bytes, the lowest bytes of all first, compressed and in base 64."""
    return _compress(_planes(parts, size))


def shown(text: str) -> str:
    """Control characters and lone surrogates, which no page can hold, become U+FFFD, one for one."""
    return printable(text).translate(BLANK)


def floats(values: Floats, digits: int = 9) -> list[float | None]:
    """Nine digits, enough for any float32; what is not finite becomes null."""
    return [float(f"{v:.{digits}g}") if np.isfinite(v) else None for v in values.tolist()]


def _parts(documents: Sequence[Document]) -> list[Sequence[Document]]:
    return [documents[i : i + GROUP] for i in range(0, len(documents), GROUP)]


def _detail_bytes(documents: Sequence[Document]) -> bytes:
    quantised = [
        [quantise(h.scores, COARSE if m else LEVELS) for m, h in enumerate(d.token_scores)] for d in documents
    ]
    pooled = [quantise(document.pooled[:, None], POOLED) for document in documents]
    heads = [
        _head(document, [steps for _, steps in heat], float(step[0]))
        for document, heat, (_, step) in zip(documents, quantised, pooled, strict=True)
    ]
    head = _json(heads).encode()
    spans = [_spans(document) for document in documents]
    sections = [
        ([scores.T for scores, _ in method], 1 if m else 2)
        for m, method in enumerate(zip(*quantised, strict=True))
    ]
    sections += [([gaps for gaps, _ in spans], 2), ([lengths for _, lengths in spans], 2)]
    sections += [
        ([values for values, _ in pooled], 2),
        ([d.positions + 1 for d in documents], 3),
    ]  # 0: no n-gram
    return struct.pack("<I", len(head)) + head + b"".join(_planes(parts, size) for parts, size in sections)


def _head(document: Document, steps: Sequence[Floats], step: float) -> dict[str, Any]:
    return {
        "shown": len(document.spans),
        "words": document.words,
        "cut": document.cut,
        "few": list(document.few),
        "heats": [
            _scores_head(of_method, s, cut=document.cut)
            for of_method, s in zip(document.token_scores, steps, strict=True)
        ],
        "step": step,
        "logits": floats(document.logits),
        "hidden": {number: shown(ngram) for number, ngram in document.hidden.items()},
        "unknown": list(document.unknown),
        "held": document.held,
    }


def _scores_head(of_method: TokenScores, steps: Floats, *, cut: bool) -> list[Any]:
    """Steps, totals to digits that tell a residual, biases and what words not shown add, if anything."""
    bias = floats(of_method.bias) if np.any(of_method.bias) else 0
    return [floats(steps, 6), floats(of_method.total, 11), bias, floats(of_method.rest) if cut else 0]


def _spans(document: Document) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The gaps before words and the lengths of words (W,), as browsers count characters."""
    edges = _units(document.text)[np.array(document.spans, dtype=np.int64).reshape(-1, 2)]
    return edges[:, 0] - np.concatenate([[0], edges[:-1, 1]]), edges[:, 1] - edges[:, 0]


def _planes(parts: Sequence[NDArray[np.int64]], size: int) -> bytes:
    """The numbers of all parts in `size` bytes each: the lowest byte of every number, then the next of every number, ...

    Alike bytes lie together, and are compressed well.
    """
    flat = np.concatenate([part.ravel() for part in parts]).astype("<i8").reshape(-1, 1)
    return np.ascontiguousarray(flat.view(np.uint8)[:, :size].T).tobytes()


def _units(text: str) -> NDArray[np.int64]:
    """How many UTF-16 units, which browsers count, stand before each character and the end."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    return np.concatenate([[0], np.cumsum(1 + (codes > 0xFFFF), dtype=np.int64)])


def _json(value: Any) -> str:
    return printable(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def _compress(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 6)).decode("ascii")
