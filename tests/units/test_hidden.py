"""From texts to units: which places, whose words, and how they show themselves."""

import json
from dataclasses import replace
from io import StringIO
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console
from tests.units.test_saliency import CONFIGS, TEXTS, random_classifier

from convlens.errors import InputError
from convlens.units import Ascent, UnitConfig, hidden_units, nearest_words, saliency

FAST = UnitConfig(neighbours=3, ascent=Ascent(l1=0.05, lr=0.05, steps=20))
NASTY = "</svg><script>alert(1)</script> & \x1b[31m \ud800"


@pytest.fixture(params=CONFIGS)
def classifier(request):
    return random_classifier(CONFIGS[request.param])


def test_units_are_the_most_salient_places(classifier):
    for one, units in zip(
        saliency(classifier, TEXTS), hidden_units(classifier, TEXTS, config=FAST), strict=True
    ):
        scores = [s for layer in one.layers if layer.field.layer == 1 for s in layer.scores if s != 0]
        assert [u.saliency for u in units.units] == sorted(scores, reverse=True)[:3]
        assert units.target == one.target
        for unit in units.units:
            [layer] = [l for l in one.layers if (l.field.layer, l.field.width) == (unit.layer, unit.width)]
            assert list(unit.field) == layer.words[unit.location].tolist()
            np.testing.assert_array_equal(unit.activation, layer.activations[unit.location])
            first, last = unit.field
            spans = one.tokens.spans
            assert unit.span == (spans[first][0], spans[last][1])
            assert unit.words == nearest_words(classifier, unit.mean[None], 3)[0].words
        assert units.words == tuple(w for u in units.units for w in u.words)


def test_texts_beside_a_text_change_nothing_and_seeds_do(classifier):
    together = hidden_units(classifier, TEXTS, config=FAST)
    for text, units in zip(TEXTS, together, strict=True):
        [alone] = hidden_units(classifier, [text], config=FAST)
        assert alone.words == units.words
        for a, b in zip(alone.units, units.units, strict=True):
            np.testing.assert_allclose(a.mean, b.mean, rtol=1e-9, atol=1e-12)
    [again] = hidden_units(classifier, TEXTS[:1], config=FAST)
    [first] = hidden_units(classifier, TEXTS[:1], config=FAST)
    assert first.to_json() == again.to_json()
    [other] = hidden_units(classifier, TEXTS[:1], config=replace(FAST, ascent=replace(FAST.ascent, seed=1)))
    assert [u.before for u in other.units] != [u.before for u in first.units]


def test_empty_texts_have_no_units_and_short_ones_stay_within_their_words(classifier):
    empty, one = hidden_units(classifier, ["", "j"], config=FAST)
    assert (empty.units, empty.words) == ((), ())
    assert all(unit.field == (0, 0) for unit in one.units)
    assert "no place of this layer" in empty.to_html()
    assert hidden_units(classifier, [], config=FAST) == []


def test_deeper_layers_and_targets():
    classifier = random_classifier(CONFIGS["over time"])
    config = replace(FAST, layer=2, top=2)
    [units] = hidden_units(classifier, TEXTS[:1], target="no", config=config)
    assert units.labels[units.target] == "no"
    assert {u.layer for u in units.units} == {2}
    assert {u.width for u in units.units} == {7}
    with pytest.raises(InputError, match="no layer 3: the model has 2 hidden layers"):
        hidden_units(classifier, TEXTS, config=replace(FAST, layer=3))
    with pytest.raises(InputError, match="one hidden layer"):
        hidden_units(random_classifier(CONFIGS["one layer"]), TEXTS, config=replace(FAST, layer=2))
    with pytest.raises(InputError, match="expected a list of texts"):
        hidden_units(classifier, "a b c", config=FAST)
    with pytest.raises(InputError, match="top must be at least 1, got 0"):
        UnitConfig(top=0)


def test_json_says_all(classifier):
    [units] = hidden_units(classifier, TEXTS[:1], config=FAST)
    data = json.loads(units.to_json())
    assert data["predicted"] == units.predicted
    for entry, unit in zip(data["units"], units.units, strict=True):
        assert entry["text"] == TEXTS[0][entry["start"] : entry["end"]]
        assert tuple(n["word"] for n in entry["neighbours"]) == unit.words
        assert entry["objective"]["after"] > entry["objective"]["before"]


@pytest.mark.parametrize("projection", ["tsne", "pca"])
def test_the_picture_marks_every_field_and_word(classifier, projection):
    [units] = hidden_units(classifier, TEXTS[:1], config=FAST)
    root = ElementTree.fromstring(units.to_html(projection))
    shown = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [t for t in shown if t in TEXTS[0].split()][-9:] == TEXTS[0].split()
    assert all(word in shown for word in units.words)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}rect"))) == len(units.units)
    assert units.to_html(projection) == units.to_html(projection)


def test_texts_cannot_break_out_of_the_picture_or_the_terminal(classifier):
    text = NASTY.replace(" ", " a b ")
    [units] = hidden_units(classifier, [text], config=FAST)
    page = units.to_html()
    assert "<script" not in page
    assert page.count("</svg>") == 1
    ElementTree.fromstring(page)
    console = Console(record=True, width=100, file=StringIO())
    console.print(units)
    assert "\x1b" not in console.export_text()


def test_long_texts_are_shown_around_their_marks():
    classifier = random_classifier(CONFIGS["over time"])
    text = " ".join(["a b c d e f g h i j"[2 * (i % 10)] for i in range(400)])
    [units] = hidden_units(classifier, [text], config=FAST)
    root = ElementTree.fromstring(units.to_html("pca"))
    shown = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert 1 <= shown.count("…") <= 4
    assert len(shown) < 120
