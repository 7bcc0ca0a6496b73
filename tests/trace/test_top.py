"""The best n-grams are those of a plain loop over every window in float64, whatever finds, cuts and merges them."""

import sys
from collections import Counter, defaultdict
from functools import reduce

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import get_num_threads, set_num_threads

from convlens.errors import InputError
from convlens.models import TextCNN, TextCNNConfig
from convlens.text import Documents
from convlens.trace import TopNgrams, search, top_ngrams
from convlens.trace.table import SlotTable

FIELDS = ("scores", "words", "counts", "documents")
BACKENDS = ("table", "torch")


@st.composite
def models(draw):
    """Some with small whole numbers for weights, so that sums are exact and different n-grams tie."""
    regions = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True))
    counts = tuple(draw(st.sampled_from([1, 2, 16, 17, 20])) for _ in regions)
    config = TextCNNConfig(tuple(regions), counts, draw(st.integers(1, 6)), filter_bias=draw(st.booleans()))
    torch.manual_seed(draw(st.integers(0, 10**6)))
    model = TextCNN(config, draw(st.integers(4, 40)), 2).eval()
    if draw(st.booleans()):
        for values in model.parameters():
            values.data = torch.randint(-2, 3, values.shape).float()
    return model


@st.composite
def cases(draw):
    """Documents over few words, so that n-grams repeat; some are given twice."""
    model = draw(models())
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    words = draw(st.integers(3, model.embed.num_embeddings))
    lengths = draw(st.lists(st.one_of(st.integers(0, 8), st.integers(0, 60)), max_size=9))
    documents = [rng.integers(2, max(words, 3), length) for length in lengths]
    return model, Documents.of(documents + documents[: draw(st.integers(0, 2))]), draw(st.integers(1, 9))


def slow(model, documents):
    """Of each filter every n-gram's score in float64; of each size its occurrences and documents."""
    vectors = model.embed.weight.detach().double().numpy()
    counts, owners = Counter(), defaultdict(set)
    for n in model.config.regions:
        for d in range(len(documents)):
            ids = documents[d].tolist()
            for i in range(len(ids) - n + 1):
                ngram = tuple(ids[i : i + n])
                counts[ngram] += 1
                owners[ngram].add(d)
    scores = []
    biases = model.filter_biases.double().tolist()
    weights = [w for conv in model.convolutions for w in conv.weight.detach().double().numpy()]
    for weight, bias, n in zip(weights, biases, model.config.widths, strict=True):
        ngrams = [ngram for ngram in counts if len(ngram) == n]
        scores.append({g: sum(vectors[w] @ weight[:, j] for j, w in enumerate(g)) + bias for g in ngrams})
    return scores, counts, owners


def holds(model, documents, k, found, tolerance=1e-5):
    """Of each filter the k best: the scores of the best, each of an n-gram that has it, ties within round-off free."""
    scores, counts, owners = slow(model, documents)
    for f, of in enumerate(scores):
        held = found.scores[f] > -np.inf
        assert held.sum() == min(k, len(of))
        assert not found.counts[f][~held].any()
        assert (found.words[f][~held] == -1).all()
        assert (found.scores[f][held][1:] <= found.scores[f][held][:-1]).all()
        ngrams = [tuple(int(w) for w in row if w >= 0) for row in found.words[f][held]]
        assert len(set(ngrams)) == len(ngrams)
        np.testing.assert_allclose(found.scores[f][held], sorted(of.values())[::-1][:k], atol=tolerance)
        np.testing.assert_allclose(found.scores[f][held], [of[g] for g in ngrams], atol=tolerance)
        assert found.counts[f][held].tolist() == [counts[g] for g in ngrams]
        assert found.documents[f][held].tolist() == [len(owners[g]) for g in ngrams]
        if all((p % 1 == 0).all() for p in model.parameters()):
            assert ngrams == sorted(of, key=lambda g: (-of[g], g))[:k]


def same(a, b):
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=25)
@given(case=cases())
def test_the_best_of_all_windows(backend, case):
    model, documents, k = case
    holds(model, documents, k, top_ngrams(model, documents, k, backend=backend))


@settings(max_examples=15)
@given(cases(), st.integers(1, 40))
def test_pieces_tables_and_threads_change_nothing(case, size):
    model, documents, k = case
    table = SlotTable(model)  # a product of other rows differs in last bits
    whole = top_ngrams(model, documents, k, table=table)
    same(whole, top_ngrams(model, documents, k, table=SlotTable(model, budget=1)))
    threads = get_num_threads()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys.modules["convlens.trace.occurrences"], "PIECE", size)
        patched.setattr(search, "LISTS", 1)
        set_num_threads(1)
        try:
            same(whole, top_ngrams(model, documents, k, table=table))
        finally:
            set_num_threads(threads)


@settings(max_examples=15)
@given(cases(), st.integers(1, 40))
def test_torch_in_small_pieces_finds_the_same(case, size):
    model, documents, k = case
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search, "PIECE", size)
        patched.setattr(search, "AT_ONCE", size)
        holds(model, documents, k, top_ngrams(model, documents, k, backend="torch"))
        holds(model.double(), documents, k, top_ngrams(model, documents, k), tolerance=1e-12)


@settings(max_examples=20)
@given(cases(), st.tuples(*[st.integers(0, 11)] * 2))
def test_any_cut_and_order_merges_to_the_same(case, cuts):
    """Counts too: an n-gram of the whole's best is among the best of every part that has it."""
    model, documents, k = case
    i, j = sorted(min(cut, len(documents)) for cut in cuts)
    table = SlotTable(model)
    a, b, c = (
        top_ngrams(model, documents.part(*ends), k, table=table)
        for ends in ((0, i), (i, j), (j, len(documents)))
    )
    whole = top_ngrams(model, documents, k, table=table)
    same(reduce(TopNgrams.merge, (a, b, c)), whole)
    same(c.merge(a.merge(b)), whole)
    same(a.merge(b), b.merge(a))


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_second_best_need_not_win_a_document(backend):
    """Both windows of the one document are found, though only one of them wins its max."""
    model = TextCNN(TextCNNConfig((2,), 1, 1, filter_bias=True), 6, 2).eval()
    model.embed.weight.data = torch.arange(6.0)[:, None]
    model.convolutions[0].weight.data, model.convolutions[0].bias.data = torch.ones(1, 1, 2), torch.ones(1)
    documents = Documents.of([np.array([5, 5, 3, 5, 3]), np.array([4]), np.array([], int)])
    found = top_ngrams(model, documents, 4, backend=backend)
    assert found.scores.tolist() == [[11, 9, 9, -np.inf]]
    assert found.words.tolist() == [[[5, 5], [3, 5], [5, 3], [-1, -1]]]
    assert (found.counts.tolist(), found.documents.tolist()) == ([[1, 1, 2, 0]], [[1, 1, 1, 0]])


@pytest.mark.parametrize("backend", BACKENDS)
def test_scores_that_are_all_the_same_go_by_words(backend):
    model = TextCNN(TextCNNConfig((1, 3), 40, 2), 50, 2).eval()
    for conv in model.convolutions:
        conv.weight.data.zero_()
    documents = Documents.of([np.arange(49, 1, -1)])
    found = top_ngrams(model, documents, 3, backend=backend)
    assert (found.words[:40, :, 0] == [2, 3, 4]).all()
    assert (found.words[40:] == [[4, 3, 2], [5, 4, 3], [6, 5, 4]]).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_documents_and_no_n_grams(backend):
    model = TextCNN(TextCNNConfig((2, 3), 3, 2), 9, 2).eval()
    for documents in (Documents.of([]), Documents.of([np.zeros(0, np.int64), np.array([4])])):
        found = top_ngrams(model, documents, 5, backend=backend)
        assert found.scores.shape == (6, 5)
        assert (found.words == -1).all()
        same(found.merge(found), found)
    with pytest.raises(InputError, match="0 n-grams of each filter cannot be found: ask for 1 or more"):
        top_ngrams(model, documents, 0)
