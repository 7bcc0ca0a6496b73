"""Data in the page: nothing breaks out of it, and numbers come back as they went in."""

import base64
import json
import struct
import zlib
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convlens.report.page import render
from convlens.report.payload import (
    GROUP,
    embed,
    pack_details,
    pack_map,
    pack_map_names,
    pack_projection,
    pack_snippets,
    pack_texts,
    quantise,
)

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
    assert abs(numbers).max() <= 32_767
    largest = abs(scores).max(0)
    assert (abs(numbers * steps - scores) <= 1.6e-5 * largest + 1e-300).all()


def test_no_scores_and_scores_that_are_not_numbers_can_be_quantised():
    assert quantise(np.zeros((0, 2)))[0].shape == (0, 2)
    assert quantise(np.array([[np.nan], [2.0]]))[0].tolist() == [[0], [32767]]


def slow_details(part: str, classes: int, filters: int):
    """Read a part the long way, number by number: of each document its head, heats, spans, pooled values, positions."""
    content = unpack(part)
    (length,) = struct.unpack_from("<I", content)
    heads, rest = json.loads(content[4 : 4 + length]), content[4 + length :]

    def take(counts: list[int], size: int, signed: bool = False) -> list[list[int]]:
        nonlocal rest
        total = sum(counts)
        planes = [rest[b * total : (b + 1) * total] for b in range(size)]
        rest = rest[size * total :]
        flat = iter(
            int.from_bytes(bytes(number), "little", signed=signed) for number in zip(*planes, strict=True)
        )
        return [[next(flat) for _ in range(count)] for count in counts]

    shown, few = [head["shown"] for head in heads], [len(head["few"]) for head in heads]
    heats = [take([n * classes for n in shown], 2, signed=True)]
    heats += [
        take([n * k for n, k in zip(shown, few, strict=True)], 1, signed=True) for _ in heads[0]["heats"][1:]
    ]
    gaps, lengths = take(shown, 2), take(shown, 2)
    pooled, positions = take([filters] * len(heads), 2, signed=True), take([filters] * len(heads), 3)
    assert rest == b""
    for i, head in enumerate(heads):
        scores = [
            np.array(heat[i]).reshape(len(steps), shown[i]).T * steps
            for heat, (steps, *_) in zip(heats, head["heats"], strict=True)
        ]
        starts = np.cumsum(gaps[i]) + np.cumsum(lengths[i]) - lengths[i]
        spans = [(int(a), int(a) + n) for a, n in zip(starts, lengths[i], strict=True)]
        yield head, scores, spans, np.array(pooled[i]) * head["step"], [p - 1 for p in positions[i]]


def test_details_come_back(make_data):
    labels = ("a", "b", "c", "d", "e", "f")
    data = make_data(GROUP + 3, texts=("an 😀 astral 𝒳 text", *EVIL), labels=labels)
    parts = pack_details(data.documents)
    assert len(parts) == 2
    found = [document for part in parts for document in slow_details(part, len(labels), 30)]
    for document, (head, heats, spans, pooled, positions) in zip(data.documents, found, strict=True):
        for heat, scores, share in zip(document.token_scores, heats, (1.6e-5, 0.004, 0.004), strict=True):
            assert abs(scores - heat.scores).max(initial=0) <= share * abs(heat.scores).max(initial=0)
        assert abs(pooled - document.pooled).max() <= 5e-4 * document.pooled.max()
        assert positions == document.positions.tolist()
        assert head["logits"] == pytest.approx(document.logits.tolist())
        for heat, (_, totals, bias, rest) in zip(document.token_scores, head["heats"], strict=True):
            assert totals == pytest.approx(heat.total.tolist(), rel=1e-10, abs=1e-12)
            assert bias == 0 if not heat.bias.any() else bias == pytest.approx(heat.bias.tolist())
            assert rest == 0
        units = document.text.encode("utf-16-le", "surrogatepass")
        words = [units[2 * a : 2 * b].decode("utf-16-le", "surrogatepass") for a, b in spans]
        assert words == [document.text[a:b] for a, b in document.spans]


def test_points_come_back(make_data):
    projection = make_data(7).projection
    flat = np.frombuffer(unpack(pack_projection(projection)), np.uint8).reshape(2, 2, -1)  # axes, planes
    numbers = (flat[:, 0] + 256 * flat[:, 1].astype(int)).astype(np.uint16).view(np.int16)
    np.testing.assert_allclose(
        numbers.reshape(2, 2, 7).transpose(1, 2, 0) / 32_767, projection.points, atol=2e-5
    )
    assert pack_projection(None) == ""


def test_the_map_comes_back(make_data):
    plane = make_data(1).plane
    flat = np.frombuffer(unpack(pack_map(plane)), np.uint8).reshape(2, -1)  # bytes of all x, then of all y
    numbers = (flat[0] + 256 * flat[1].astype(int)).astype(np.uint16).view(np.int16).reshape(2, -1)
    np.testing.assert_allclose(numbers.T / 32_767, plane.points, atol=2e-5)
    names = {name: list(getattr(plane, name)) for name in ("words", "important", "filters", "slots")}
    assert json.loads(unpack(pack_map_names(plane))) == names
    evil = replace(plane, words=EVIL, important=("\ud800 \x00",))
    found = json.loads(unpack(pack_map_names(evil)))
    assert (found["words"][0], found["important"]) == (EVIL[0], ["\ufffd \ufffd"])


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
    snippets = json.loads(unpack(pack_snippets(make_data(len(EVIL), texts=EVIL).documents)))
    assert snippets[:2] == list(EVIL[:2])
    assert snippets[4] == "nul \ufffd, escape \ufffd, lone \ufffd and \ufffd halves"


def test_evil_labels_titles_and_notes_add_no_element(make_data):
    def dressed_card(card, name: str):
        ngrams = tuple(
            replace(one, text=f"{name}{i}", words=(name,) * card.region)
            for i, one in enumerate(card.top_natural)
        )
        return replace(card, top_natural=ngrams, clusters=(), negatives=())

    def dressed(name: str) -> list[str]:
        data = make_data(4, labels=(name + "1", name + "2"))
        cards = replace(data.filters, cards=tuple(dressed_card(card, name) for card in data.filters))
        words = tuple(replace(word, word=name) for word in data.importance.words)
        data = replace(data, importance=replace(data.importance, words=words))
        data = replace(data, title=name, notes=(name,), data=((name, name),), filters=cards)
        page = render(data)
        page.encode()  # no lone surrogate is left
        return [tag for tag, _ in elements(page).tags]

    assert dressed('"><script>alert(1)</script> \ud800 \x00') == dressed("tame")
