"""Table, plain loops and torch leave the same trace, whatever the model and the documents."""

import logging

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import padded
from tests.shallow import REGIONS

from convlens.errors import InputError
from convlens.explain.xu_du import matrix_a, words_by_table
from convlens.kernels.vectors import LANES
from convlens.kernels.walk import plain, plain_walk
from convlens.models import TextCNN, TextCNNConfig, pad
from convlens.text import Documents
from convlens.trace import trace, trace_by_torch
from convlens.trace.backends import choose
from convlens.trace.table import SlotTable, table_bytes, words_of


@st.composite
def models(draw):
    regions = draw(st.lists(st.sampled_from(REGIONS), min_size=1, max_size=3, unique=True))
    counts = tuple(draw(st.sampled_from([1, 2, 15, 16, 17, 40])) for _ in regions)
    config = TextCNNConfig(
        tuple(regions),
        counts,
        draw(st.integers(1, 12)),
        filter_bias=draw(st.booleans()),
        head_bias=draw(st.booleans()),
    )
    torch.manual_seed(draw(st.integers(0, 10**6)))
    model = TextCNN(config, draw(st.integers(3, 60)), draw(st.integers(2, 5))).eval()
    if draw(st.booleans()):
        model.gates = torch.rand(sum(counts)) * draw(st.sampled_from([0.5, 2]))
    return model


@st.composite
def cases(draw):
    model = draw(models())
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    lengths = draw(st.lists(st.one_of(st.integers(0, 8), st.integers(0, 300)), min_size=1, max_size=12))
    return model, Documents.of([rng.integers(1, model.embed.num_embeddings, length) for length in lengths])


def alone(model, documents):
    """Each document traced by itself, in float64: the reference."""
    exact = TextCNN(model.config, model.embed.num_embeddings, model.head.out_features).double().eval()
    exact.load_state_dict(model.state_dict())
    exact.gates = None if model.gates is None else model.gates.double()
    return [(exact, padded.trace(exact, pad([documents[i]]))) for i in range(len(documents))]


def slot_scores(exact, documents, d):
    """Score of every window for every filter in float64: a list of (F, windows) by region."""
    x = exact.embed(torch.from_numpy(documents[d])[None]).transpose(1, 2)
    return [
        torch.nn.functional.conv1d(
            torch.nn.functional.pad(x, (0, max(conv.kernel_size[0] - x.shape[2], 0))), conv.weight, conv.bias
        )[0].detach()
        for conv in exact.convolutions
    ]


def agrees(model, documents, found, tolerance=2e-5):
    for d, (exact, one) in enumerate(alone(model, documents)):
        np.testing.assert_allclose(found.peaks[d], one.peaks[0], atol=tolerance)
        np.testing.assert_allclose(found.logits[d], one.logits[0], atol=tolerance)
        if not len(documents[d]):
            assert (found.positions[d] == -1).all()
            continue
        scores = torch.cat([s.gather(1, p[:, None]) for s, p in zip(
            slot_scores(exact, documents, d),
            torch.from_numpy(found.positions[d]).long().split(list(model.config.counts)),
            strict=True,
        )])[:, 0]  # fmt: skip
        np.testing.assert_allclose(scores, one.peaks[0], atol=tolerance)  # another place only at a tie


@given(cases())
def test_every_backend_agrees_with_float64(case):
    model, documents = case
    table = SlotTable(model, words_of(documents, model.embed.num_embeddings))
    fast, slow = table.trace(documents, slots=True), table.trace(documents, slots=True, walk=plain_walk)
    by_torch = trace_by_torch(model, documents, slots=True)
    for found in (fast, slow, by_torch):
        agrees(model, documents, found)
    np.testing.assert_array_equal(fast.peaks, slow.peaks)
    np.testing.assert_array_equal(fast.positions, slow.positions)
    np.testing.assert_array_equal(fast.slots, slow.slots)
    same = fast.positions == by_torch.positions
    np.testing.assert_allclose(fast.slots[same], by_torch.slots[same], atol=2e-5)


@st.composite
def large(draw):
    """Cases of the sizes that models and documents have: many filters, long vectors, up to 2,000 words."""
    regions = draw(st.lists(st.sampled_from(REGIONS), min_size=1, max_size=3, unique=True))
    counts = tuple(draw(st.integers(1, 300)) for _ in regions)
    torch.manual_seed(draw(st.integers(0, 10**6)))
    config = TextCNNConfig(tuple(regions), counts, draw(st.sampled_from([1, 50, 300])))
    model = TextCNN(config, draw(st.sampled_from([3, 200, 20_000])), draw(st.integers(2, 20))).eval()
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    lengths = [0, 1, 2000, *draw(st.lists(st.integers(0, 2000), max_size=2))]
    return model, Documents.of([rng.integers(1, model.embed.num_embeddings, length) for length in lengths])


def near(found, exact, relative=1e-5):
    """Equal to so many parts of the largest number there."""
    np.testing.assert_allclose(
        found, exact, rtol=0, atol=relative * max(abs(np.asarray(exact)).max(initial=0), 1e-3)
    )


@settings(max_examples=6)
@given(large())
def test_large_cases_agree_with_float64(case):
    """Positions differ only at ties closer than 1e-6 of the largest value; logits and scores by 1e-5."""
    model, documents = case
    table = SlotTable(model, words_of(documents, model.embed.num_embeddings))
    (by_table, shares), by_torch = words_by_table(table, documents), trace_by_torch(model, documents)
    for d, (exact, one) in enumerate(alone(model, documents)):
        rows, places = slice(*documents.starts[d : d + 2]), one.positions[0].numpy()
        for found in (by_table, by_torch):
            near(found.peaks[d], one.peaks[0])
            near(found.logits[d], one.logits[0])
            other = np.flatnonzero(found.positions[d] != places)
            if len(other):
                scores = [row for region in slot_scores(exact, documents, d) for row in region.numpy()]
                ours = np.array([scores[f][found.positions[d, f]] for f in other])
                best = one.peaks[0].numpy()
                np.testing.assert_allclose(ours, best[other], rtol=0, atol=1e-6 * abs(best).max())
            elif found is by_table:
                near(shares[rows], padded.ask("words", exact, one.ids).scores[0])


@given(cases())
def test_tables_in_pieces_give_the_same_bits(case):
    model, documents = case
    rows = words_of(documents, model.embed.num_embeddings)
    whole, pieces = SlotTable(model, rows), SlotTable(model, rows, budget=1)
    assert whole.kept
    assert not pieces.kept or not len(rows)
    assert not len(rows) or all(part.last - part.first <= LANES for part in pieces.parts)
    ours, theirs = whole.trace(documents, slots=True), pieces.trace(documents, slots=True)
    for name in ("peaks", "positions", "logits", "slots"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


@given(cases())
def test_corpus_scores_are_those_of_each_document_alone(case):
    model, documents = case
    table = SlotTable(model)
    traced, ours = words_by_table(table, documents)
    ours_ngrams, plain_trace = matrix_a(model, traced), table.trace(documents)
    for name in ("peaks", "positions", "logits"):
        np.testing.assert_array_equal(getattr(traced, name), getattr(plain_trace, name))
    for d, (exact, one) in enumerate(alone(model, documents)):
        rows = slice(documents.starts[d], documents.starts[d + 1])
        if not np.array_equal(traced.positions[d], one.positions[0].numpy()):
            continue  # a tie within round-off, decided the other way
        np.testing.assert_allclose(ours[rows], padded.ask("words", exact, one.ids).scores[0], atol=5e-5)
        np.testing.assert_allclose(ours_ngrams[d], padded.ask("ngrams", exact, one.ids).scores[0], atol=5e-5)
        if len(documents[d]):
            np.testing.assert_allclose(ours[rows].sum(0), traced.logits[d], atol=1e-4)


def test_ties_go_to_the_first_window():
    model = TextCNN(TextCNNConfig((2,), 3, 2), 5, 2).eval()
    documents = Documents.of([np.array([2, 3, 2, 3, 2, 3]), np.array([4] * 9)])
    first = trace_by_torch(model, documents).positions
    assert (first[1] == 0).all()
    for walk in (None, plain_walk):
        found = SlotTable(model).trace(documents, **({} if walk is None else {"walk": walk}))
        np.testing.assert_array_equal(found.positions, first)


def test_the_oracle_runs_without_a_compiler():
    table = np.arange(1 * 2 * 2 * LANES, dtype=np.float32).reshape(1, 2, 2, LANES)
    peaks, places = np.zeros((3, LANES), np.float32), np.zeros((3, LANES), np.int32)
    slots = np.zeros((3, LANES, 2), np.float32)
    documents = np.array([0, 1, 0, 1]) * 2 * LANES, np.array([0, 3, 4, 4])
    plain(documents, table, (0, LANES), np.zeros(LANES, np.float32), (peaks, places, slots))
    lane = np.arange(LANES)
    assert (peaks[0] == lane + lane + 3 * LANES).all()  # rows 0, 1
    assert (peaks[1] == lane + 2 * LANES).all()  # a single word: its first slot
    assert (peaks[2] == 0).all()
    assert places[:, 0].tolist() == [0, 0, -1]
    assert (slots[0, :, 1] == lane + 3 * LANES).all()


def test_the_table_holds_the_scores_of_every_word_and_slot():
    torch.manual_seed(0)
    model = TextCNN(TextCNNConfig((2, 3), (3, 20), 4), 7, 2)
    table = SlotTable(model, np.array([0, 2, 5]))
    assert table_bytes(model, 3) == sum(t.nbytes for t in table.kept.values())
    weight, vectors = model.convs[1].weight.detach(), model.embed.weight.detach()
    part = table.kept[table.parts[1]].reshape(2, 3, 3, LANES)
    for f in range(20):
        for row, word in enumerate((0, 2, 5)):
            np.testing.assert_allclose(
                part[f // LANES, row, :, f % LANES], vectors[word] @ weight[f], atol=1e-6
            )
    assert (part[1, :, :, 4:] == 0).all()


def test_the_backend_is_chosen_and_told(caplog):
    model = TextCNN(TextCNNConfig((2,), 3, 2), 9, 2)
    assert choose(model, 49_999) == "numpy"
    assert choose(model, 50_000) == "table"
    assert choose(model.double(), 50_000) == "torch"
    model.float()
    documents = Documents.of([np.array([2, 3, 4])] * 20_000)
    caplog.set_level(logging.INFO, "convlens")
    found = trace(model, documents)
    assert caplog.messages == ["tracing 60000 words by table"]
    np.testing.assert_allclose(found.logits, trace(model, documents, backend="torch").logits, atol=1e-5)
    with pytest.raises(InputError, match="unknown backend 'gpu': choose one of auto, table, numpy, torch"):
        trace(model, documents, backend="gpu")


def test_no_documents_and_no_words():
    model = TextCNN(TextCNNConfig((2,), 3, 2), 9, 2)
    for backend in ("table", "torch"):
        empty = trace(model, Documents.of([]), slots=True, backend=backend)
        assert empty.logits.shape == (0, 2)
        blank = trace(model, Documents.of([np.zeros(0, np.int64)]), slots=True, backend=backend)
        np.testing.assert_allclose(blank.logits[0], model.head.bias.detach(), atol=1e-7)
        assert not matrix_a(model, blank).any()
    blank, scores = words_by_table(SlotTable(model), blank.documents)
    assert scores.shape == (0, 2)
    np.testing.assert_allclose(blank.logits[0], model.head.bias.detach(), atol=1e-7)
