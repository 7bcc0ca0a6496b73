"""ERASER, agreement, randomisation and matching: against loops, and where their answers are known."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau, spearmanr

from convlens.errors import InputError
from convlens.evaluate import EvaluateConfig, agree, evaluate, matching_rate, randomised, sanity
from convlens.evaluate.documents import ScoredDocument
from convlens.evaluate.eraser import erase
from convlens.evaluate.sanity import compare
from convlens.explain import METHODS, Method, Scored, attribute_texts

SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)


def a_document(length, scores, seed=0):
    ids = np.random.default_rng(seed).integers(1, 12, length)
    scores = np.asarray(scores, dtype=np.float64)
    return ScoredDocument(ids, 0, 1, scores, scores)


@torch.no_grad()
def slow_erase(model, document, scores):
    """Zero the best words, or all others, and run the model: losses of probability, averaged."""
    ids = torch.from_numpy(document.ids)

    def sure(kept):
        x = model.embed(ids) * torch.tensor(kept, dtype=torch.float32)[:, None]
        return torch.softmax(model.classify(x[None], torch.tensor([len(ids)])), 1)[
            0, document.predicted
        ].item()

    best = np.argsort(-scores)
    lost = []
    for share in SHARES:
        inside = np.isin(np.arange(len(ids)), best[: max(1, int(np.ceil(share * len(ids))))])
        whole = sure(np.ones(len(ids)))
        lost.append((whole - sure(~inside * 1.0), whole - sure(inside * 1.0)))
    return np.mean(lost, 0)


@pytest.mark.parametrize("length", [1, 3, 17, 40])
def test_erasure_is_that_of_a_loop(classifier, length):
    model = classifier.model
    rng = np.random.default_rng(length)
    document = a_document(length, rng.permuted(np.tile(np.arange(length), (2, 1)), axis=1), seed=length)
    found = erase(model, document, ("a", "b"), EvaluateConfig())
    for row, scores in zip(found, document.for_predicted, strict=True):
        np.testing.assert_allclose(row, slow_erase(model, document, scores), atol=1e-6)


def test_random_erasure_is_the_mean_of_its_runs(classifier):
    document = a_document(9, np.zeros((0, 9)))
    many = erase(classifier.model, document, ("random",), EvaluateConfig(runs=60))
    every = [
        slow_erase(classifier.model, document, np.random.default_rng(i).permutation(9)) for i in range(60)
    ]
    np.testing.assert_allclose(many[0], np.mean(every, 0), atol=0.06)


def test_two_words_agree_or_not():
    scores = np.array([[1.0, 2.0], [3.0, 5.0], [2.0, 0.0], [1.0, 1.0]])
    found = agree(a_document(2, scores), EvaluateConfig())
    assert found[:2, 1].tolist() == [1, -1]
    assert np.isnan(found[2, 1])


def test_agreement_is_that_of_scipy():
    scores = np.random.default_rng(0).normal(size=(3, 12)).round(1)
    found = agree(a_document(12, scores), EvaluateConfig(top=12))
    for row, (a, b) in zip(found, [(0, 1), (0, 2), (1, 2)], strict=True):
        assert row[0] == pytest.approx(spearmanr(scores[a], scores[b]).statistic)
        assert row[1] == pytest.approx(kendalltau(scores[a], scores[b]).statistic)
        assert row[2] == 1


def test_a_method_agrees_with_itself_and_not_with_its_opposite():
    scores = np.random.default_rng(0).permutation(12).astype(float)
    found = agree(a_document(12, [scores, 3 * scores - 1, -scores]), EvaluateConfig(top=5))
    np.testing.assert_allclose(found, [[1, 1, 1], [-1, -1, 0], [-1, -1, 0]], atol=1e-12)


def test_the_overlap_counts_words():
    one, other = np.arange(10.0), np.r_[9.0, 8.0, np.arange(7.0), 9.5]
    assert agree(a_document(10, [one, other]), EvaluateConfig(top=3))[0, 2] == pytest.approx(1 / 3)


def test_equal_scores_have_no_correlation_and_spoil_no_mean(classifier, corpus):
    found = agree(a_document(4, [np.ones(4), np.arange(4.0)]), EvaluateConfig())
    assert np.isnan(found[0, :2]).all()
    texts = corpus.take(range(4))
    longer = replace(texts, texts=("good", *texts.texts[1:]))
    table = evaluate(classifier, longer, EvaluateConfig(("words", "sensitivity"), sanity=0)).agreement
    assert not table["spearman"].is_nan().any()


def test_weights_left_alone_change_no_score(classifier, corpus):
    tokens = [classifier.tokenizer.encode(text) for text in corpus.texts[:9]]
    found = attribute_texts(classifier, tokens)
    assert compare(found, found) == {"spearman": pytest.approx(1), "spearman_absolute": pytest.approx(1)}


def places(model, documents):
    """Scores that ignore the weights: the place of each word."""
    place = np.arange(len(documents.ids)) - documents.starts[documents.owners]
    scores = np.repeat(place[:, None], model.classes, 1).astype(np.float32)
    return Scored(scores, *np.zeros((2, len(documents), model.classes), np.float32))


def test_scores_follow_the_weights_or_are_found_out(classifier, deep_classifier, corpus, monkeypatch):
    monkeypatch.setitem(METHODS, "places", Method(of_model=places, sums="none"))
    for one, method in ((classifier, "words"), (deep_classifier, "gradient-x-input")):
        tokens = [one.tokenizer.encode(text) for text in corpus.texts[:8]]
        table = sanity(one, tokens, (method, "places", "random"))
        assert set(table["method"]) == {method, "places"}
        assert table.filter(method="places")["spearman"].to_list() == pytest.approx([1] * (len(table) // 2))
        assert table.filter(method=method)["spearman"].max() < 0.999


def test_randomisation_goes_from_the_head_down_and_spares_the_model(classifier, deep_classifier):
    for one, wanted in (
        (classifier, ["head", "filters", "word vectors"]),
        (deep_classifier, ["head", "dense", "layer 2", "layer 1", "word vectors"]),
    ):
        before = {name: value.clone() for name, value in one.model.state_dict().items()}
        state = torch.random.get_rng_state()
        stages = randomised(one.model, seed=3)
        assert torch.equal(torch.random.get_rng_state(), state)
        assert [name for name, _ in stages] == wanted
        for name, value in one.model.state_dict().items():
            assert torch.equal(value, before[name])
        moved = [{n for n, v in m.state_dict().items() if not torch.equal(v, before[n])} for _, m in stages]
        assert moved[0] == {"head.weight", "head.bias"}
        assert moved[-1] == set(before)
        assert all(a < b for a, b in pairwise(moved))
        again = randomised(one.model, seed=3)
        assert all(
            torch.equal(v, again[-1][1].state_dict()[n]) for n, v in stages[-1][1].state_dict().items()
        )
        assert not stages[-1][1].embed.weight[0].any()


def test_the_matching_rate_counts_equal_classes(classifier):
    texts = ["A good film, number 3", "a bad film", "a dull film", "a warm film"]
    assert matching_rate(classifier, texts, [["superb", "great"], ["awful"], ["tedious"], ["funny"]]) == 1
    assert matching_rate(classifier, texts, [["superb", "great"], ["good"], ["tedious"], ["cold"]]) == 0.5
    with pytest.raises(InputError, match="4 texts came with 1 lists of words"):
        matching_rate(classifier, texts, [["good"]])
    with pytest.raises(InputError, match="there are none"):
        matching_rate(classifier, [], [])
