"""Data in the page: nothing breaks out of it, and numbers come back as they went in."""

import base64
import json
import struct
import zlib
from collections import Counter
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convlens.report.page import render
from convlens.report.payload import GROUP, embed, pack_details, pack_texts, quantise

EVIL = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "<!-- <script> -->",
    "]]> &amp; &lt; \u2028 \u2029 \u202eabc\u202c \u2066",
    "nul \x00, escape \x1b, lone \ud800 and \udc00 halves",
    "",
)


class Elements(HTMLParser):
    """The elements of a page, and what stands in its scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.content: dict[str, str] = {}
        self._inside: str | None = None

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._inside = dict(attributes).get("id") if tag == "script" else None

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        if self._inside is not None:
            self.content[self._inside] = self.content.get(self._inside, "") + data


def elements(page: str) -> Elements:
    parser = Elements()
    parser.feed(page)
    return parser


def count_tags(found: Elements) -> Counter[str]:
    """How often each tag stands in a page, but for those of cells of the confusion matrix."""
    return Counter(tag for tag, _ in found.tags if tag not in ("button", "span"))


def unpack(part: str) -> bytes:
    return zlib.decompress(base64.b64decode(part))


@given(
    st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
)
def test_embedded_json_comes_back_and_cannot_end_its_element(value):
    found = str(embed(value))
    assert not set(found) & set("<>&\u2028\u2029")
    assert json.loads(found) == value


def test_lone_surrogates_become_replacement_characters():
    assert json.loads(str(embed("a\ud800b"))) == "a\ufffdb"


@given(arrays(np.float64, (7, 3), elements=st.floats(-1e6, 1e6)))
def test_quantised_scores_are_right_to_four_digits_of_the_largest(scores):
    numbers, steps = quantise(scores)
    assert numbers.dtype == np.int16
    largest = abs(scores).max(0)
    assert (abs(numbers * steps - scores) <= 1.6e-5 * largest + 1e-300).all()


def test_no_scores_and_scores_that_are_not_numbers_can_be_quantised():
    assert quantise(np.zeros((0, 2)))[0].shape == (0, 2)
    assert quantise(np.array([[np.nan], [2.0]]))[0].tolist() == [[0], [32767]]


def slow_details(part: str, classes: int, filters: int):
    """Read a part the long way: (head, scores, spans in UTF-16 units, pooled values, positions)."""
    content = unpack(part)
    (length,) = struct.unpack_from("<I", content)
    numbers = content[4 + length :]
    for head in json.loads(content[4 : 4 + length]):
        at, words = 2 * head["at"], head["shown"]

        def take(count: int, kind: str = "H") -> list[int]:
            nonlocal at
            at += 2 * count
            return list(struct.unpack_from(f"<{count}{kind}", numbers, at - 2 * count))

        scores = (
            np.array([np.array(take(words, "h")) * step for step in head["steps"]]).reshape(classes, words).T
        )
        gaps, lengths = take(words), take(words)
        starts = np.cumsum(gaps) + np.cumsum(lengths) - lengths
        spans = [(int(a), int(a) + n) for a, n in zip(starts, lengths, strict=True)]
        pooled = np.array(take(filters, "h")) * head["step"]
        low, high = take(filters), take(filters)
        positions = [a + 65536 * b - 1 for a, b in zip(low, high, strict=True)]
        yield head, scores, spans, pooled, positions


def test_details_come_back(make_data):
    data = make_data(GROUP + 3, texts=("an 😀 astral 𝒳 text", *EVIL), labels=("a", "b", "c"))
    parts = pack_details(data.documents)
    assert len(parts) == 2
    found = [document for part in parts for document in slow_details(part, 3, 30)]
    for document, (head, scores, spans, pooled, positions) in zip(data.documents, found, strict=True):
        assert abs(scores - document.scores).max(initial=0) <= 1.6e-5 * abs(document.scores).max(initial=0)
        assert abs(pooled - document.pooled).max() <= 1.6e-5 * document.pooled.max()
        assert positions == document.positions.tolist()
        assert head["logits"] == pytest.approx(document.logits.tolist())
        units = document.text.encode("utf-16-le", "surrogatepass")
        words = [units[2 * a : 2 * b].decode("utf-16-le", "surrogatepass") for a, b in spans]
        assert words == [document.text[a:b] for a, b in document.spans]


def test_texts_come_back_character_for_character(make_data):
    data = make_data(len(EVIL), texts=EVIL)
    [part] = pack_texts(data.documents)
    found = json.loads(unpack(part))
    assert found[:4] == list(EVIL[:4])
    assert found[4] == "nul \ufffd, escape \ufffd, lone \ufffd and \ufffd halves"


def test_two_lone_halves_that_meet_keep_their_length(make_data):
    [part] = pack_texts(make_data(1, texts=("\ud83d" + "\ude00 x",)).documents)
    assert json.loads(unpack(part)) == ["😀 x"]  # still two UTF-16 units, so spans stay right


def test_evil_text_adds_no_element(make_data):
    tame = elements(render(make_data(len(EVIL), texts=("tame",) * len(EVIL))))
    page = elements(render(make_data(len(EVIL), texts=EVIL)))
    assert count_tags(page) == count_tags(tame)
    index = json.loads(page.content["index"])
    assert index["snippet"][0] == EVIL[0]
    assert index["snippet"][1] == EVIL[1]


def test_evil_labels_titles_and_notes_add_no_element(make_data):
    from dataclasses import replace

    def dressed(name: str) -> list[str]:
        data = make_data(4, labels=(name + "1", name + "2"))
        rows = tuple(replace(f, label=name, ngrams=((name, 1.0),)) for f in data.filters)
        data = replace(data, title=name, notes=(name,), data=((name, name),), filters=rows)
        page = render(data)
        page.encode()  # no lone surrogate is left
        return [tag for tag, _ in elements(page).tags]

    assert dressed('"><script>alert(1)</script> \ud800 \x00') == dressed("tame")
