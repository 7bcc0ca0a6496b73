"""Switched-off filters, words and n-grams against documents changed by hand, and a head that learns on."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convlens.compress import count_matches, disable, find_pattern, trace_labelled, tune_head
from convlens.errors import InputError
from convlens.explain import METHODS, attribute_texts
from convlens.models import TrainConfig, load, save
from convlens.text import MASK, Tokenizer, occurrences
from convlens.text.masking import mask

TEXTS = [
    "A superb film, with some music, a superb film.",
    "with no music",
    "",
    "music",
    "Superb. Film superb film",
]


@torch.no_grad()
def logits_without(classifier, text: str, gone: list[int], off: tuple[int, ...] = ()) -> np.ndarray:
    """The model itself on word vectors of which some are zeroed by hand, its head without some filters."""
    model = classifier.model
    ids = torch.from_numpy(classifier.tokenizer.encode(text).ids)[None]
    x = model.embed(ids)
    x[0, gone] = 0
    pooled = model.peaks(x, torch.tensor([ids.shape[1]]))[0].relu()
    pooled[0, list(off)] = 0
    return model.head(pooled)[0].numpy()


def places(text: str, *ngram: str) -> list[int]:
    words = text.lower().replace(",", " ,").replace(".", " .").split()
    found = [i for i in range(len(words) - len(ngram) + 1) if tuple(words[i : i + len(ngram)]) == ngram]
    return sorted({i + j for i in found for j in range(len(ngram))})


@pytest.mark.parametrize("backend", ["torch", "table"])
def test_what_is_switched_off_says_nothing_anywhere(classifier, backend, tmp_path):
    specs = ["filter:3", "filter:11", "word:Music", "ngram:superb film"]
    changed = disable(classifier, [find_pattern(classifier, spec) for spec in specs])
    save(changed, tmp_path / "changed")
    again = load(tmp_path / "changed")
    for text in TEXTS:
        gone = places(text, "superb", "film") + places(text, "music")
        expected = logits_without(classifier, text, gone, (3, 11))
        np.testing.assert_allclose(again.logits([text])[0], expected, atol=1e-5)
    tokens = again.tokenizer.encode_all(TEXTS)
    for name in (
        name for name, method in METHODS.items() if method.of_trace is not None and method.sums == "exact"
    ):
        found = attribute_texts(again, tokens, method=name, backend=backend)
        np.testing.assert_allclose(found.logits, again.logits(TEXTS), atol=1e-5)
        assert found.residual.max() < 1e-5
    occlusion = attribute_texts(again, tokens, method="occlusion", backend=backend).scores
    at = [*places(TEXTS[0], "superb", "film"), places(TEXTS[0], "music")[0]]
    assert np.abs(occlusion[at]).max() < 1e-6  # nothing happens without a word that says nothing
    assert again.record.changes[:1] == ("filter '3' switched off",)
    card = (tmp_path / "changed" / "README.md").read_text(encoding="utf-8")
    assert "- n-gram 'superb film' switched off\n" in card
    logits = classifier.logits(TEXTS)
    assert not np.allclose(logits, again.logits(TEXTS), atol=1e-3)  # and the first is as it was
    assert classifier.model.gates is None


def test_a_second_ngram_joins_the_first(classifier):
    once = disable(classifier, [find_pattern(classifier, "ngram:superb film")])
    twice = disable(once, [find_pattern(once, "ngram:some music")])
    assert twice.tokenizer.masked == (("superb", "film"), ("some", "music"))
    assert twice.model.embed.num_embeddings == classifier.model.embed.num_embeddings + 1
    for text in TEXTS:
        gone = places(text, "superb", "film") + places(text, "some", "music")
        np.testing.assert_allclose(twice.logits([text])[0], logits_without(classifier, text, gone), atol=1e-5)


@given(
    st.lists(st.lists(st.integers(1, 3), max_size=7), max_size=4),
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
)
def test_masking_is_finding_every_occurrence_by_hand(documents, pattern):
    ids = np.array([i for d in documents for i in d], np.int64)
    edges = np.concatenate([[0], np.cumsum([len(d) for d in documents])]).astype(np.int64)
    expected, count = [], 0
    for document in documents:
        found = list(document)
        for i in range(len(document) - len(pattern) + 1):
            if document[i : i + len(pattern)] == pattern:
                found[i : i + len(pattern)] = [9] * len(pattern)
                count += 1
        expected += found
    assert mask(ids, edges, [np.array(pattern)], 9).tolist() == expected
    assert len(occurrences(ids, edges, np.array(pattern))) == count


def test_every_way_to_tokenise_masks(classifier, monkeypatch):
    tokenizer = disable(classifier, [find_pattern(classifier, "ngram:superb film")]).tokenizer
    number = tokenizer.words.index(MASK) + 2
    for loaded in (10**9, 0):  # the expression, and the kernels
        monkeypatch.setattr("convlens.text.compiled.WHEN_LOADED", loaded)
        monkeypatch.setattr("convlens.text.compiled.WORTHWHILE", loaded)
        many = tokenizer.encode_all(TEXTS)
        for one, ids, text in zip(many, tokenizer.ids(TEXTS), TEXTS, strict=True):
            expected = places(text, "superb", "film")
            assert np.flatnonzero(ids == number).tolist() == expected
            assert one.ids.tolist() == ids.tolist() == tokenizer.encode(text).ids.tolist()
    assert Tokenizer.from_json(tokenizer.to_json()) == tokenizer
    with pytest.raises(InputError, match="masked n-grams must have words, all of them in the vocabulary"):
        replace(tokenizer, masked=(("superb", "unheard"),))
    with pytest.raises(InputError, match=r"tokenizer.json: 'masked' is damaged or was edited .*got `int`"):
        Tokenizer.from_json(tokenizer.to_json().replace('"masked": [', '"masked": [1, ', 1))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("foo", "cannot switch off 'foo': give filter:17"),
        ("word:", "cannot switch off 'word:'"),
        ("filter:16", "there is no filter '16': the filters of this model are 0 to 15"),
        ("filter:-1", "there is no filter '-1'"),
        ("word:unheard", "'unheard' is not in the vocabulary"),
        ("ngram:good unheard", "'unheard' is not in the vocabulary"),
        ("word:good film", "is 2 words to this model"),
        ("ngram:good", "is 1 words to this model"),
    ],
)
def test_what_the_model_does_not_have_is_refused(classifier, spec, message):
    with pytest.raises(InputError, match=message):
        find_pattern(classifier, spec)


def test_matches_are_counted_and_none_is_refused(classifier):
    patterns = [find_pattern(classifier, spec) for spec in ("word:superb", "ngram:superb film", "filter:1")]
    assert count_matches(classifier, patterns, TEXTS) == [4, 3, 5]
    with pytest.raises(InputError, match="ngram:film good matches nothing in the data"):
        count_matches(classifier, [find_pattern(classifier, "ngram:film good")], TEXTS)


def test_a_deep_model_loses_words_and_has_no_filters_to_lose(deep_classifier):
    with pytest.raises(InputError, match="switching filters off needs the trace of a one-layer TextCNN"):
        find_pattern(deep_classifier, "filter:0")
    changed = disable(deep_classifier, [find_pattern(deep_classifier, "word:superb")])
    row = changed.tokenizer.words.index("superb") + 2
    assert not changed.model.embed.weight[row].any()
    assert deep_classifier.model.embed.weight[row].any()


def test_a_head_learns_on_until_it_stops_to_gain(classifier, corpus):
    changed = disable(classifier, [find_pattern(classifier, f"filter:{i}") for i in range(12)])
    inputs = trace_labelled(changed, corpus)
    tuned = tune_head(inputs, inputs, TrainConfig(epochs=10, batch_size=8, lr=0.02))
    after = replace(inputs, model=tuned)
    assert after.loss(after.logits) < inputs.loss(inputs.logits)
    assert torch.equal(tuned.embed.weight, changed.model.embed.weight)
    assert torch.equal(tuned.gates, changed.model.gates)
    again = tune_head(inputs, inputs, TrainConfig(epochs=10, batch_size=8, lr=0.02))
    assert torch.equal(again.head.weight, tuned.head.weight)
    held = tune_head(inputs, inputs, TrainConfig(epochs=3, patience=1, lr=1e3))  # no epoch gains
    assert torch.equal(held.head.weight, changed.model.head.weight)
