"""Unknown words are marked in every form of an explanation."""

import io
import json

import numpy as np
from rich.console import Console

from convlens.explain import explain


def shown(explanation):
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(explanation)
    return console.export_text()


def test_unknown_words_are_marked_in_json_frame_page_and_terminal(classifier):
    word = classifier.tokenizer.words[0]
    explanation = explain(classifier, f"{word} qqqq {word}")
    assert explanation.known == (True, False, True)
    assert [token["known"] for token in json.loads(explanation.to_json())["tokens"]] == [True, False, True]
    assert explanation.to_frame()["known"].to_list() == [True, False, True]
    page = explanation.to_html()
    assert page.count("outline:1px dotted;background") == 1
    assert "not in the vocabulary, 1 of 3" in page
    text = shown(explanation)
    assert f"{word} qqqq[?] {word}" in text
    assert "[?] 1 of 3 words are not in the vocabulary" in text


def test_nothing_is_marked_where_all_words_are_known(classifier):
    explanation = explain(classifier, classifier.tokenizer.words[0])
    assert "not in the vocabulary" not in shown(explanation) + explanation.to_html()


def test_ngrams_are_known_where_all_their_words_are(classifier):
    text = f"{classifier.tokenizer.words[0]} qqqq {classifier.tokenizer.words[1]}"
    explanation = explain(classifier, text, method="ngrams")
    assert explanation.known == tuple("qqqq" not in token for token in explanation.tokens)
    assert np.array(explanation.known).size == len(explanation.scores)
