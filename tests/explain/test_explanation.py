"""How an explanation shows itself: every form holds the same numbers, and no text can break one."""

import io
import json
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from convlens.errors import InputError
from convlens.explain import METHODS, Explanation, explain, explain_all
from convlens.explain.html import SHOWN

EVIL = 'a <b onclick="x">good</b> film & \u202emore\u202c \x00 \x1b[31m \ud800'


class Reader(HTMLParser):
    """Collects the text and the tags of a fragment."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.tags = "", []

    def handle_data(self, data):
        self.text += data

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def read(fragment):
    reader = Reader()
    reader.feed(fragment)
    return reader


def shown(explanation):
    console = Console(width=200, record=True, color_system=None, file=io.StringIO())
    console.print(explanation)
    return console.export_text()


def made_up(scores, text="one two", spans=((0, 3), (4, 7)), labels=("no", "yes")):
    scores = np.array(scores, dtype=np.float64)
    bias = np.array([0.5, 0.0])
    return Explanation(text, spans, scores, bias, scores.sum(0) + bias, labels, 1, "words")


def test_properties_are_arithmetic_on_the_parts():
    one = made_up([[1.0, -1.0], [0.5, 4.0]])
    assert one.tokens == ("one", "two")
    assert one.logits.tolist() == [2.0, 3.0]
    assert one.predicted == "yes"
    assert one.probabilities[1] == pytest.approx(1 / (1 + np.exp(-1)))
    assert one.residual == 0
    off = Explanation(*(one.text, one.spans, one.scores, one.bias, one.logits + 0.25), ("a", "b"), 0, "words")
    assert off.residual == 0.25


def test_json_and_frame_hold_the_same_numbers(classifier):
    one = explain(classifier, "A superb film, twice", method="words")
    found, frame = json.loads(one.to_json()), one.to_frame()
    np.testing.assert_array_equal(np.array(found["scores"], dtype=np.float32), one.scores)
    np.testing.assert_array_equal(frame["score:positive"].to_numpy(), one.scores[:, 1])
    assert [t["text"] for t in found["tokens"]] == frame["text"].to_list() == list(one.tokens)
    assert [(t["start"], t["end"]) for t in found["tokens"]] == list(one.spans)


def test_ngrams_name_their_filters(classifier):
    one = explain(classifier, "A superb film, twice", method="ngrams")
    assert one.filters == tuple(range(16))
    assert one.to_frame()["filter"].to_list() == list(range(16))
    assert [t["filter"] for t in one.to_dict()["tokens"]] == list(range(16))
    assert all(name in shown(one) for name in ("filter", "n-gram", "the logit, off by"))
    assert read(one.to_html()).tags.count(("b", {})) == 2


def test_the_terminal_shows_parts_that_sum_to_the_logit():
    scores = np.zeros((15, 2))
    scores[:, 1] = np.arange(15) / 10
    text = " ".join("abcdefghijklmno")
    spans = tuple((2 * i, 2 * i + 1) for i in range(15))
    said = shown(made_up(scores, text, spans))
    assert "the other 5" in said
    rows = [line.split() for line in said.splitlines()[3:]]
    *parts, total = [float(row[0]) for row in rows]
    assert sum(parts) == pytest.approx(total)
    assert total == 10.5


def test_the_heatmap_is_the_text_with_its_words_marked(classifier):
    one = explain(classifier, "A superb\n  film, twice")
    reader = read(one.to_html())
    assert reader.text.endswith(one.text)
    marks = [attrs for tag, attrs in reader.tags if tag == "span"]
    assert [float(mark["title"]) for mark in marks] == [float(f"{s:+.4g}") for s in one.scores[:, one.target]]
    assert one._repr_html_() == one.to_html()


def test_strength_and_side_of_a_mark_follow_the_score():
    marks = [a for t, a in read(made_up([[0, -1.0], [0, 2.0]]).to_html()).tags if t == "span"]
    assert "rgba(217,95,2,0.38)" in marks[0]["style"]
    assert "dashed" in marks[0]["style"]
    assert "rgba(33,102,172,0.75)" in marks[1]["style"]


@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_any_text_is_shown_and_breaks_nothing(classifier, text):
    one = explain(classifier, text + EVIL)
    reader = read(one.to_html())
    assert {tag for tag, _ in reader.tags} <= {"div", "span", "b"}
    assert not any("onclick" in attrs for _, attrs in reader.tags)
    assert "\x1b" not in shown(one)
    assert json.loads(one.to_json())["text"] == text + EVIL
    one.to_frame().write_ndjson()
    assert one.residual < 1e-4


def test_long_texts_are_shown_in_part_and_say_so(classifier):
    one = explain(classifier, "good film " * SHOWN)
    assert f"first {SHOWN:,} of {2 * SHOWN:,} tokens" in one.to_html()
    assert f"first 500 of {2 * SHOWN} tokens" in shown(one)


def test_labels_are_escaped():
    one = made_up([[0, 1.0], [0, 1.0]], labels=("<i>", "<script>"))
    assert {tag for tag, _ in read(one.to_html()).tags} == {"div", "span", "b"}


def test_a_text_without_words_has_the_bias_alone(classifier):
    for method in METHODS:
        one = explain(classifier, "", method=method)
        np.testing.assert_allclose(one.bias, 0 if one.sums == "none" else one.logits, atol=1e-6)
        assert not one.scores.any()
        shown(one)
        one.to_html()
        one.to_frame()


def test_targets_and_methods_are_looked_up(classifier):
    assert explain(classifier, "good", target="negative").target == 0
    with pytest.raises(InputError, match=r"unknown label 'negatve': did you mean 'negative'\?"):
        explain(classifier, "good", target="negatve")
    with pytest.raises(InputError, match=r"unknown method 'word': did you mean 'words'\? the methods are"):
        explain(classifier, "good", method="word")


def test_many_texts_come_back_in_their_order(classifier, corpus):
    together = explain_all(classifier, corpus.texts[::-1])
    assert [e.text for e in together] == list(corpus.texts[::-1])
    alone = explain(classifier, corpus.texts[3])
    np.testing.assert_allclose(together[-4].scores, alone.scores, atol=1e-6)


@pytest.mark.parametrize("method", ["gradient-x-input", "sensitivity", "sensitivity-l2"])
def test_what_is_not_exact_says_so_in_every_form(classifier, deep_classifier, method):
    for trained in (classifier, deep_classifier):
        one = explain(trained, "A superb film, twice", method=method)
        found = json.loads(one.to_json())
        assert found["residual"] is None
        assert found["sums"] == ("remainder" if method == "gradient-x-input" else "none")
        assert "residual" not in one.to_html()
        assert "off by" not in shown(one)
        if method == "gradient-x-input":
            np.testing.assert_allclose(one.scores.sum(0) + one.bias, one.logits, atol=1e-5)
            assert f"{one.bias[1]:+.4f}  left to no word" in shown(one)
            assert f"words leave {one.bias[1]:+.4g} of it" in one.to_html()
        else:
            assert not one.bias.any()
            assert "the logit" not in shown(one).split("\n", 1)[1]
            assert "scores are no parts of the logit" in one.to_html()


@pytest.mark.parametrize("method", ["loss-change", "thresholded"])
def test_a_deep_model_is_refused_what_it_has_no_trace_for(deep_classifier, method):
    fitting = [name for name, other in METHODS.items() if "DeepTextCNN" in other.families]
    message = (
        f"the method '{method}' reads the trace of a one-layer TextCNN, and a DeepTextCNN has none: "
        f"choose one of {', '.join(fitting)}"
    )
    with pytest.raises(InputError, match=f"^{message}$"):
        explain(deep_classifier, "good", method=method)
