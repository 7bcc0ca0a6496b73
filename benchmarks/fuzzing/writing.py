"""Random texts of every kind of character."""

import random
import unicodedata
from collections.abc import Callable, Sequence

WORDS = [
    "a",
    "the",
    "film",
    "plot",
    "good",
    "bad",
    "warm",
    "dull",
    "funny",
    "cold",
    "and",
    "not",
    "very",
    "with",
    "no",
    "music",
    "it's",
    "don't",
    "I'm",
    "3.5",
    "1,000",
]
BLANKS = (" ", " ", " ", "", "\t", "\n", "\r\n", "\r", "\f", "\v", "\x1c", "\x85", "\xa0", "\u2028", "\u2029", "\u3000", "\u200b", "\ufeff")  # fmt: skip
PAYLOADS = (
    "<script>alert(1)</script>", "</textarea><svg onload=alert(1)>", "<img src=x onerror=alert(1)>", "<br />", "<b",
    "&amp;&#60;", "]]>", "<!--", "</div></span>", "javascript:alert(1)", "{{7*7}}", "${x}", "=cmd|' /C calc'!A0",
    "[x](http://a)", "```", "'; DROP TABLE", "\x1b[31m", "\x1b]0;t\x07", "\u202eesrever\u2066", "%s%n", "\\u0000", "[bold]x[/bold]",
)  # fmt: skip
GRAPHEMES = (
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "👍🏽",
    "🇩🇪",
    "e\u0301",
    "नि",
    "กำ",
    "한",
    "שָׁ",
    "l\u0320\u0332\u0333",
    "ﬁ",
    "İ",
    "ǅ",
    "ß",
    "ſ",
    "\u212a",
)
RANGES = {
    "Latin-1": (0x20, 0xFF), "beyond Latin-1": (0xF0, 0x130), "Greek, Cyrillic": (0x370, 0x52F), "Arabic": (0x600, 0x6FF),
    "Devanagari": (0x900, 0x97F), "Thai": (0xE00, 0xE7F), "marks": (0x300, 0x36F), "signs": (0x2000, 0x206F),
    "kana": (0x3040, 0x30FF), "Chinese": (0x4E00, 0x9FFF), "Korean": (0xAC00, 0xD7A3), "halves": (0xD800, 0xDFFF),
    "private": (0xE000, 0xF8FF), "forms": (0xFB00, 0xFFFF), "emoji": (0x1F300, 0x1FAFF), "skin": (0x1F3FB, 0x1F3FF),
    "ancient": (0x10000, 0x12543), "letters of mathematics": (0x1D400, 0x1D7FF), "far planes": (0x20000, 0x10FFFF),
    "controls": (0, 0x1F), "more controls": (0x7F, 0x9F),
}  # fmt: skip
NASTY = "<>/'’.,09aAnNtTsSdDmMlLvVrReE _-\n"


def piece(rng: random.Random) -> str:
    """A word, or what might be taken for one."""
    ways: Sequence[Callable[[], str]] = (
        lambda: rng.choice(WORDS),
        lambda: rng.choice(WORDS).upper(),
        lambda: rng.choice(PAYLOADS),
        lambda: rng.choice(GRAPHEMES),
        lambda: _of(rng, *rng.choice(list(RANGES.values()))),
        lambda: _of(rng, *rng.choice(list(RANGES.values()))),
        lambda: "".join(rng.choices(NASTY, k=rng.randrange(1, 12))),
        lambda: chr(rng.randrange(0x110000)),
    )
    return rng.choices(ways, (6, 1, 1, 1, 1, 1, 1, 1))[0]()


def _of(rng: random.Random, first: int, last: int) -> str:
    return "".join(chr(rng.randint(first, last)) for _ in range(rng.randrange(1, 9)))


def text(rng: random.Random) -> str:
    """A text: mostly of up to 30 pieces, at times empty, blank, one endless word, or thousands of words."""
    chance = rng.random()
    if chance < 0.03:
        return "".join(rng.choices(BLANKS, k=rng.randrange(4)))
    if chance < 0.035:
        return rng.choice(("a", "é", "<", "'", "9.", "👍🏽", "\u0301", "字", "<a ", "n't")) * rng.randrange(
            200, 8000
        )
    if chance < 0.04:
        return " ".join(rng.choices(WORDS, k=rng.randrange(500, 4000)))
    pieces = [part for _ in range(rng.randrange(1, 30)) for part in (piece(rng), rng.choice(BLANKS))]
    written = "".join(pieces)
    return unicodedata.normalize(rng.choice(("NFC", "NFD", "NFKC")), written) if chance > 0.9 else written


def plain_text(rng: random.Random, banned: str = "") -> str:
    """A text that a file can hold: not blank, no half characters, and without some characters."""
    while True:
        written = "".join(c for c in text(rng)[:500] if c not in banned and not "\ud800" <= c <= "\udfff")
        if written.strip():
            return written
