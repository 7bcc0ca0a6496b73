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

from convlens.files import printable
from convlens.report.data import Document, Scores

GROUP = 50  # documents unpacked together when one of them is opened
LEVELS = 32_767
BLANK = {c: "\ufffd" for c in (*range(32), *range(127, 160)) if chr(c) not in "\t\n\r"}
ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def embed(value: Any) -> Markup:
    """JSON for a `<script type="application/json">`: no character in it can end the element."""
    return Markup(_json(value).translate(ESCAPES))


def quantise(scores: Scores) -> tuple[NDArray[np.int16], Scores]:
    """Round each column of (W, C) to `LEVELS` steps of its largest score: numbers (W, C), steps (C,).

    `numbers * steps` is off by at most half a step, 1.6e-5 of the column's largest score.
    """
    scores = np.nan_to_num(np.asarray(scores, dtype=np.float64))
    steps = abs(scores).max(0, initial=0) / LEVELS
    steps[steps == 0] = 1
    return np.rint(scores / steps).astype(np.int16), steps


def pack_texts(documents: Sequence[Document]) -> list[str]:
    """The texts, `GROUP` to a part; a part is compressed JSON in base 64."""
    return [_compress(_json([shown(d.text) for d in part]).encode()) for part in _parts(documents)]


def pack_details(documents: Sequence[Document]) -> list[str]:
    """Everything about a document but its text, in the same groups.

    A part is compressed and in base 64: the length of the JSON (uint32), the JSON, padded to an even
    length, and 16-bit numbers, little-endian, in the order of `_numbers`, document after document.
    """
    return [_compress(_detail_bytes(part)) for part in _parts(documents)]


def shown(text: str) -> str:
    """Control characters and lone surrogates, which no page can hold, become U+FFFD, one for one."""
    return printable(text).translate(BLANK)


def floats(values: Scores) -> list[float | None]:
    """Nine digits, enough for any float32; what is not finite becomes null."""
    return [float(f"{v:.9g}") if np.isfinite(v) else None for v in values.tolist()]


def _parts(documents: Sequence[Document]) -> list[Sequence[Document]]:
    return [documents[i : i + GROUP] for i in range(0, len(documents), GROUP)]


def _detail_bytes(documents: Sequence[Document]) -> bytes:
    heads, arrays, at = [], [], 0
    for document in documents:
        scores, steps = quantise(document.scores)
        pooled, step = quantise(document.pooled[:, None])
        numbers = _numbers(document, scores, pooled[:, 0])
        heads.append(_head(document, steps, float(step[0])) | {"at": at})
        arrays.append(numbers)
        at += len(numbers)
    head = _json(heads).encode()
    head += b" " * (len(head) % 2)
    return struct.pack("<I", len(head)) + head + b"".join(a.tobytes() for a in arrays)


def _head(document: Document, steps: Scores, step: float) -> dict[str, Any]:
    return {
        "shown": len(document.spans),
        "words": document.words,
        "cut": document.cut,
        "steps": floats(steps),
        "step": step,
        "logits": floats(document.logits),
        "bias": floats(document.bias),
        "rest": floats(document.rest),
        "residual": floats(document.residual),
        "hidden": {number: shown(ngram) for number, ngram in document.hidden.items()},
    }


def _numbers(document: Document, scores: NDArray[np.int16], pooled: NDArray[np.int16]) -> NDArray[np.uint16]:
    """Scores class by class, gaps before words, their lengths, pooled values, positions (low, high)."""
    edges = _units(document.text)[np.array(document.spans, dtype=np.int64).reshape(-1, 2)]
    gaps = edges[:, 0] - np.concatenate([[0], edges[:-1, 1]])
    lengths = edges[:, 1] - edges[:, 0]
    positions = document.positions.astype(np.int64) + 1  # 0: no n-gram
    parts = (scores.T.ravel(), gaps, lengths, pooled, positions & 0xFFFF, positions >> 16)
    return np.concatenate([part.astype("<i8").astype("<u2") for part in parts])


def _units(text: str) -> NDArray[np.int64]:
    """How many UTF-16 units, which browsers count, stand before each character and the end."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    return np.concatenate([[0], np.cumsum(1 + (codes > 0xFFFF), dtype=np.int64)])


def _json(value: Any) -> str:
    return printable(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def _compress(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 6)).decode("ascii")
