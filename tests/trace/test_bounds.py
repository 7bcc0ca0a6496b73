"""Kernels write and read where they are told, so what tells them is refused before where it leads outside."""

import numpy as np
import pytest
import torch

from convlens.attack.swapping import ByTable
from convlens.errors import InputError
from convlens.explain.occlusion import occlusion_by_table
from convlens.explain.slots import add_to_words
from convlens.explain.xu_du import matrix_a, words_by_table
from convlens.kernels import compiles
from convlens.models import TextCNN, TextCNNConfig
from convlens.models.adam import LazyAdam
from convlens.text import Documents, different
from convlens.trace import Trace, passing_windows, top_ngrams, trace
from convlens.trace.table import SlotTable

WORDS = 9


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return TextCNN(TextCNNConfig((2, 3), (3, 4), dim=5), WORDS, 2).eval()


def document(*ids):
    return Documents.of([np.array(ids, np.int64)])


@pytest.mark.parametrize("starts", [[], [0], [0, 4], [0, 2], [1, 3], [0, 5, 3], [0, 2, 1, 3], [-1, 3]])
def test_documents_that_are_not_their_words(starts):
    with pytest.raises(InputError, match="starts of documents never fall and lead from 0 to"):
        Documents(np.array([2, 3, 4]), np.array(starts, np.int64))


@pytest.mark.parametrize(
    "ids", [np.ones(3), np.ones(3, bool), np.ones((3, 1), int), np.ones(3, np.uint64), np.array(3)]
)
def test_documents_that_are_no_numbers_of_words(ids):
    with pytest.raises(InputError, match="ids of documents are one row of signed integers"):
        Documents(ids, np.array([0, 3]))


@pytest.mark.parametrize("backend", ["table", "torch"])
@pytest.mark.parametrize("outside", [-1, WORDS, 2**40])
def test_words_that_a_model_does_not_have(model, outside, backend):
    for ask in (trace, lambda *given, **more: top_ngrams(*given, 2, **more)):
        with pytest.raises(InputError, match=f"numbers from 0 to {WORDS - 1} in this model, got .*{outside}"):
            ask(model, document(2, outside, 3), backend=backend)


@pytest.mark.skipif(not compiles(), reason="no compiled kernels here")
def test_words_without_a_row_in_the_table(model):
    table = SlotTable(model, np.array([2, 4]))
    asks = [
        table.trace,
        lambda documents: words_by_table(table, documents),
        lambda documents: occlusion_by_table(table, documents),
        lambda documents: list(passing_windows(model, documents, np.zeros(7, np.float32), table=table)),
        lambda documents: top_ngrams(model, documents, 2, table=table),
    ]
    for ask in asks:
        with pytest.raises(InputError, match="word 3 has no row in this table, which is of 2 words"):
            ask(document(2, 3, 4))


@pytest.mark.skipif(not compiles(), reason="no compiled kernels here")
def test_a_trace_of_another_model(model):
    less = trace(TextCNN(TextCNNConfig((2,), (3,), dim=5), WORDS, 2).eval(), document(2, 3, 4))
    with pytest.raises(InputError, match="this trace is of 3 filters and the model has 7"):
        matrix_a(model, less)


def test_a_trace_without_a_row_for_each_document():
    documents = Documents.of([np.array([2, 3]), np.array([4])])
    for peaks, positions in ((1, 2), (2, 1), (1, 1), (3, 3)):
        with pytest.raises(InputError, match="2 documents: give a row for each document"):
            Trace(documents, np.zeros((peaks, 7)), np.zeros((positions, 7), np.int32), np.zeros((2, 2)))


@pytest.mark.skipif(not compiles(), reason="no compiled kernels here")
def test_slots_outside_of_their_documents():
    documents = Documents.of([np.array([2, 3, 4]), np.array([], np.int64), np.array([5, 6])])
    values, weights = np.zeros((3, 1, 2), np.float32), np.ones((1, 1, 2), np.float32)
    values[0], values[2, 0, 0] = 1, 3

    def spread(*places):
        scores = np.zeros((5, 2), np.float32)
        positions = np.array(places, np.int32)[:, None]
        traced = Trace(documents, np.zeros((3, 1), np.float32), positions, np.zeros((3, 2)))
        add_to_words(traced, values, weights, scores)
        return scores[:, 0].tolist()

    assert spread(1, -1, 1) == [0, 1, 1, 0, 3]  # slots without value may lie outside
    for places in ((2, -1, 1), (-1, -1, 1), (0, -1, 2), (0, -1, -2), (10**9, -1, 0)):
        with pytest.raises(InputError, match="a winning window has a slot outside of its document"):
            spread(*places)
    traced = Trace(documents, *np.zeros((2, 3, 1), np.int32), np.zeros((3, 2)))
    for arrays in (
        (values[:2], weights, np.zeros((5, 2))),
        (values, np.ones((1, 2, 2)), np.zeros((5, 2))),
        (values, np.ones((2, 1, 2)), np.zeros((5, 2))),
        (values, weights, np.zeros((4, 2))),
        (values, weights, np.zeros((5, 1))),
    ):
        with pytest.raises(InputError, match="give the trace of these documents"):
            add_to_words(traced, *arrays)


@pytest.mark.parametrize(
    ("words", "gradients", "message"),
    [
        ([0, 4], (2, 3), "rows are different numbers from 0 to 3, got 2 from 0 to 4"),
        ([-1, 2], (2, 3), "rows are different numbers from 0 to 3, got 2 from -1 to 2"),
        ([2, 2], (2, 3), "give each row of the matrix once"),
        ([0, 2], (1, 3), r"takes gradients \(2, 3\)"),
        ([0, 2], (2, 2), r"takes gradients \(2, 3\)"),
    ],
)
def test_rows_that_adam_does_not_have(words, gradients, message):
    pytest.importorskip("numba")
    weight = torch.ones(4, 3, requires_grad=True)
    adam = LazyAdam(torch.optim.Adam([weight]), weight, 2)
    with pytest.raises(InputError, match=message):
        adam.step(np.array(words), torch.ones(gradients))
    if "rows" in message:
        with pytest.raises(InputError, match=message):
            adam.sync(np.array(words))
    assert (weight == 1).all()


def test_steps_that_adam_was_not_made_for():
    pytest.importorskip("numba")
    weight = torch.ones(4, 3, requires_grad=True)
    optimizer, rows, gradients = torch.optim.Adam([weight]), np.array([1]), torch.ones(1, 3)
    with pytest.raises(InputError, match="all 0 steps are done"):
        LazyAdam(optimizer, weight, 0).step(rows, gradients)
    adam = LazyAdam(optimizer, weight, 2)
    adam.done = 1
    with pytest.raises(InputError, match="sync the rows first"):
        adam.step(rows, gradients)


@pytest.mark.skipif(not compiles(), reason="no compiled kernels here")
def test_swaps_outside_of_the_table(model):
    backend = ByTable(SlotTable(model))
    around, head = backend.around(np.array([2, 3, 4])), np.ones((2, 7), np.float32)

    def add(candidates, shape, dtype=np.float32):
        backend.add(around, np.array(candidates), head, np.zeros(shape, dtype))

    for word in (-1, WORDS, 10**9):
        with pytest.raises(InputError, match=f"words are numbers from 0 to {WORDS - 1} in this model"):
            add([[1, word]], (3, 2, 2))
        with pytest.raises(InputError, match=f"words are numbers from 0 to {WORDS - 1} in this model"):
            backend.around(np.array([2, word]))
    for candidates, shape, dtype in (
        ([[1], [2]], (3, 1, 2), np.float32),
        ([[1]], (4, 1, 2), np.float32),
        ([[1]], (3, 2, 2), np.float32),
        ([[1]], (3, 1, 3), np.float32),
        ([[1]], (3, 1, 2), np.float64),
    ):
        with pytest.raises(InputError, match="make room for each sum"):
            add(candidates, shape, dtype)
    for table in (
        SlotTable(model, np.arange(3)),
        SlotTable(model, np.arange(WORDS)[::-1].copy()),
        SlotTable(model, budget=1),
    ):
        with pytest.raises(InputError, match=f"of {WORDS} words, and swaps need all"):
            ByTable(table)


@pytest.mark.parametrize("fast", [True, False])
def test_spans_outside_of_their_texts(fast, monkeypatch):
    monkeypatch.setattr("convlens.text.compiled.pays", lambda texts: fast and compiles())
    texts = ["one two", "three"]
    words, codes = different(texts, np.array([0, 1]), np.array([[4, 7], [0, 5]]))
    assert [words[code] for code in codes] == ["two", "three"]
    for span in ([4, 8], [-1, 3], [5, 4], [0, 10**9]):
        with pytest.raises(
            InputError, match=f"a span from {span[0]} to {span[1]} is not inside its text of 7"
        ):
            different(texts, np.array([1, 0]), np.array([[0, 5], span]))
    for owners, spans in (
        ([0, 2], [[0, 1]] * 2),
        ([-1, 0], [[0, 1]] * 2),
        ([0, 1], [[0, 1]]),
        ([0], [[0, 1, 2]]),
    ):
        with pytest.raises(InputError, match="give a text and a span for each"):
            different(texts, np.array(owners), np.array(spans))
