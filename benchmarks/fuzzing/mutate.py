"""Ways to damage bytes and JSON."""

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Path = list[str | int]
# Stand-ins, as values of JSON, for what `json.dumps` cannot write.
RAW = {
    "@deep@": "[" * 1000 + "]" * 1000,
    "@deeper@": "[" * 100_000 + "]" * 100_000,
    "@objects@": '{"a":' * 900 + "1" + "}" * 900,
    "@digits@": "9" * 5000,
    "@infinity@": "1e999",
    "@minus zero@": "-0.0",
}
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 1.5, -0.5, 1e308, -1e308, 1e-320, 2**31, 2**53 + 1, 2**63, -(2**63), 2**70, 10**400),
    *(float("nan"), float("inf"), -float("inf"), "", " ", "3", "NaN", "null", "x", "a\nb", "\x1b[31m", "\u202eabc"),
    *("\ud800", "\0", "é" * 400, "x" * 100_000, [], [[]], [None], [1, "a"], {}, {"a": 1}, {"": {}}, [{}] * 50),
    *RAW,
)  # fmt: skip
JUNK = (b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\0", b"\xed\xa0\x80", b"\xc3", b"\x1b[2J", b"\r", b"\n", b'"', b"{", b"]", b",", b"\x80\x81", b"\xe2\x80\xa8")  # fmt: skip


def damaged(content: bytes, rng: random.Random) -> bytes:
    """The bytes with one damage: cut, flipped, filled in, left out, doubled, shuffled, in another encoding, or others."""
    place, size = rng.randrange(len(content) + 1), rng.choice([1, 2, 8, 64, 500])
    before, after = content[:place], content[place:]
    ways: Sequence[Callable[[], bytes]] = (
        lambda: before,
        lambda: after,
        lambda: flipped(content, rng, size),
        lambda: before + rng.randbytes(size) + after,
        lambda: before + rng.choice(JUNK) + after,
        lambda: before + after[size:],
        lambda: before + after[:size] + after,
        lambda: before + rng.randbytes(size) + after[size:],
        lambda: before + bytes(size) + after[size:],
        lambda: rng.choice(JUNK) + content,
        lambda: content + rng.choice(JUNK),
        lambda: content + content,
        lambda: content.decode("utf-8", "replace").encode(
            rng.choice(["utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252"]), "replace"
        ),
        lambda: rng.choice([b"", b"null", b"1", b'"x"', b"[]", b"{}", b"\0" * 64, rng.randbytes(200)]),
    )
    return rng.choice(ways)()


def flipped(content: bytes, rng: random.Random, count: int) -> bytes:
    """The bytes with some bits the other way."""
    bits = bytearray(content)
    for _ in range(count if bits else 0):
        bits[rng.randrange(len(bits))] ^= 1 << rng.randrange(8)
    return bytes(bits)


def damaged_json(content: bytes, rng: random.Random, likely: Mapping[str, Sequence[Any]]) -> bytes:
    """JSON whose values, keys or text were changed at up to three places.

    `likely` are values of some keys that are worth a try.
    """
    if rng.random() < 0.15:
        return damaged(content, rng)
    value = json.loads(content)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        value = _changed(value, rng, likely)
    text = json.dumps(value)
    for name, raw in RAW.items():
        text = text.replace(f'"{name}"', raw)
    if rng.random() < 0.1:
        text = _rewritten(text, rng)
    return text.encode("utf-8", "surrogatepass")


def _changed(value: Any, rng: random.Random, likely: Mapping[str, Sequence[Any]]) -> Any:
    """The value with a change at one place; the place of all is among them."""
    aimed = [path for path in _named(value, likely)]
    if aimed and rng.random() < 0.4:
        *path, key = rng.choice(aimed)
        _at(value, path)[key] = rng.choice(likely[str(key)])
        return value
    if not isinstance(value, dict | list) or not value or rng.random() < 0.02:
        return rng.choice(ODD)
    container, key = _somewhere(value, rng)
    rng.choice((_replace, _replace, _replace, _remove, _double, _nudge, _nudge, _swap, _rename))(
        container, key, rng
    )
    return value


def _named(value: Any, names: Mapping[str, Sequence[Any]], path: tuple[str | int, ...] = ()) -> list[Path]:
    """Where the keys of these names stand."""
    if not isinstance(value, dict | list) or len(path) > 4:
        return []
    items = list(value.items() if isinstance(value, dict) else enumerate(value))[:50]
    return [[*path, key] for key, _ in items if key in names] + [
        place for key, child in items for place in _named(child, names, (*path, key))
    ]


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _somewhere(value: Any, rng: random.Random) -> tuple[Any, Any]:
    """A container within a value, and one of its keys; near the root as likely as deep."""
    while True:
        key = rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
        child = value[key]
        if not isinstance(child, dict | list) or not child or rng.random() < 0.4:
            return value, key
        value = child


def _replace(container: Any, key: Any, rng: random.Random) -> None:
    container[key] = rng.choice(ODD)


def _remove(container: Any, key: Any, rng: random.Random) -> None:
    del container[key]


def _double(container: Any, key: Any, rng: random.Random) -> None:
    if isinstance(container, list):
        container.insert(key, container[key])
    else:
        container[rng.choice(["other", "", "__class__", f"{key} ", "\x1b[31m"])] = container[key]


def _nudge(container: Any, key: Any, rng: random.Random) -> None:
    """A value of the same type, a little or very different."""
    value = container[key]
    if isinstance(value, bool):
        container[key] = not value
    elif isinstance(value, int | float):
        close = min(max(value, -1e300), 1e300)  # of whole numbers there are larger ones than a float can be
        container[key] = rng.choice(
            [value + 1, value - 1, -value, value * 1000, close / 2, float(close), str(value), [value]]
        )
    elif isinstance(value, str):
        container[key] = rng.choice(
            [value + "x", value[1:], value.upper(), value * 50, [value], value + "\n", value + "\u202e"]
        )
    elif isinstance(value, list):
        container[key] = rng.choice(
            [value[:-1], value[::-1], value + value, dict(enumerate(value)), str(value)[:100], value * 300]
        )
    elif isinstance(value, dict):
        container[key] = rng.choice([list(value), list(value.values()), str(value)[:100], [value]])
    else:
        container[key] = rng.choice([0, 0.5, "", []])


def _swap(container: Any, key: Any, rng: random.Random) -> None:
    other = rng.choice(list(container) if isinstance(container, dict) else range(len(container)))
    container[key], container[other] = container[other], container[key]


def _rename(container: Any, key: Any, rng: random.Random) -> None:
    if isinstance(container, dict):
        container[rng.choice([f"{key}s", str(key).upper(), "x", f"{key}\u2028"])] = container.pop(key)
    else:
        rng.shuffle(container)


def _rewritten(text: str, rng: random.Random) -> str:
    """The text of JSON changed as text: a key twice, digits without end, literals of other languages."""
    places = [match.start() for match in re.finditer(r'"[a-z_]+": ', text[:5000])] or [0]
    numbers = [match.span() for match in re.finditer(r"\b\d+\b", text[:5000])] or [(0, 0)]
    place, (start, end) = rng.choice(places), rng.choice(numbers)
    key = text[place:].partition(":")[0]
    put = rng.choice(["1" * 5000, "0x10", "1_000", "01", "1e9999", "-", "NaN", "'a'", "None", "/* */ 1"])
    ways = (f"{text[:place]}{key}: null, {text[place:]}", text[:start] + put + text[end:], text.replace(",", ",,", 1), f"{text}{text}", f" \n{text}\n\n", text.replace('"', "'"))  # fmt: skip
    return rng.choice(ways)
