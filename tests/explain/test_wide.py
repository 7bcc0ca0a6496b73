"""Models that read padding, with any activation and dense layers: against documents written out in full and windows gone through one by one, in float64."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.shallow import documents, models

from convlens.errors import InputError
from convlens.evaluate.exact import exact_order
from convlens.evaluate.zeroing import logits_along
from convlens.explain import METHODS, explain
from convlens.explain.texts import by_trace
from convlens.kernels import compiles
from convlens.models import Classifier, TextCNN, TextCNNConfig, pad
from convlens.models.padding import Padding
from convlens.text import Documents, TextConfig, Tokenizer
from convlens.trace import ArrayTracer, trace, tracer

WIDE = models(padded=True, wide=True)


def written_out(model, ids):
    """Of each region the vectors of a document with all of its padding, and which word each is of, -1 for padding."""
    padding, vectors = model.config.padding, model.embed.weight.detach().numpy()
    place = list(range(len(ids)))
    if padding.length is not None and len(ids) > padding.length:
        place = place[-padding.length :] if padding.cut == "left" else place[: padding.length]
    fill = [-1] * max((padding.length or padding.least) - len(place), 0)
    place = fill + place if padding.side == "left" else place + fill
    place = [-1] * padding.before + place + [-1] * padding.after
    rows = np.array([vectors[0 if p < 0 else ids[p]] for p in place]).reshape(len(place), vectors.shape[1])
    regions = []
    for before, after in padding.of_regions(model.config.regions):
        zeros = (before, after) if place else (0, 0)
        regions.append((np.pad(rows, (zeros, (0, 0))), [-1] * zeros[0] + place + [-1] * zeros[1]))
    return regions


def peaks_of(model, ids):
    """Peak, vectors and places of the first best window of each filter: None without a window."""
    found = []
    for conv, (rows, place) in zip(model.convolutions, written_out(model, ids), strict=True):
        n = min(conv.kernel_size[0], len(rows))  # a document without padding may be shorter than a window
        for f, weight in enumerate(conv.weight.detach().numpy()[:, :, :n]):
            bias = 0 if conv.bias is None else conv.bias[f].item()
            scores = [(rows[i : i + n] * weight.T).sum() + bias for i in range(len(rows) - n + 1) if n]
            if not scores:
                found.append(None)
                continue
            i = next(i for i, score in enumerate(scores) if score >= max(scores) - 1e-12)
            found.append((scores[i], (rows[i : i + n] * weight.T).sum(1), place[i : i + n], bias))
    return found


AT_ZERO = {
    "relu": 0,
    "none": 1,
    "tanh": 1,
    "sigmoid": 0.25,
    "softplus": 0.5,
    "elu": 1,
    "leaky-relu": 0.01,
}  # slopes


def activated(name, z):
    """The activation by its definition."""
    return {
        "relu": max(z, 0),
        "none": z,
        "tanh": math.tanh(z),
        "sigmoid": 1 / (1 + math.exp(-z)),
        "softplus": math.log1p(math.exp(z)),
        "elu": z if z > 0 else math.exp(z) - 1,
        "leaky-relu": z if z > 0 else 0.01 * z,
    }[name]


def head_of(model, pooled):
    """Logits (C,) and, of the layers above the features, weights (C, k) and biases (C,) at this place, row by row."""
    values, weights, biases = pooled, np.eye(len(pooled)), np.zeros(len(pooled))
    layers = [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in model.dense]
    for weight, bias in layers:
        values = weight @ values + bias
        weights, biases = weight @ weights, weight @ biases + bias
        for j, value in enumerate(values):
            if value <= 0:
                values[j], weights[j], biases[j] = 0, 0, 0
    weight = model.head.weight.detach().numpy()
    bias = np.zeros(len(weight)) if model.head.bias is None else model.head.bias.detach().numpy()
    if model.config.one_logit:
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    return weight @ values + bias, weight @ weights, weight @ biases + bias


def slow(model, ids):
    """Logits (C,), matrix B (L, C) and what padding has of it, matrix A (k, C)."""
    peaks, name = peaks_of(model, ids), model.config.activation
    gates = np.zeros(len(peaks)) if model.gates is None else model.gates.numpy()
    z = np.array([0 if winner is None else winner[0] for winner in peaks])
    stopped = np.array([name == "relu" and p < gate for p, gate in zip(z, gates, strict=True)])
    pooled = np.where(stopped, 0, [activated(name, p) for p in z])
    logits, head, bias = head_of(model, pooled)
    of_words, padding, rows = np.zeros((len(ids), len(bias))), np.zeros(len(bias)), []
    for f, winner in enumerate(peaks):
        if winner is None:
            rows.append(np.zeros(len(bias)))
            continue
        peak, slots, place, of_filter = winner
        rows.append(head[:, f] * pooled[f] + bias / len(peaks))
        rest = 0 if stopped[f] else activated(name, 0)
        read = range(0, len(slots), model.config.steps[f])  # the words that a dilation reads
        ratio = (pooled[f] - rest) / peak if abs(peak) > 1e-9 else 0 if stopped[f] else AT_ZERO[name]
        for slot, p in ((slots[j], place[j]) for j in read):
            u = ratio * (slot + of_filter / len(read)) + rest / len(read)
            share = head[:, f] * u + bias / len(peaks) / len(read)
            if p < 0:
                padding += share
            else:
                of_words[p] += share
    return logits, of_words, padding, np.array(rows)


@given(WIDE, documents)
def test_logits_and_matrices_are_those_of_the_document_written_out(model, many):
    together = Documents.of(many)
    source = ArrayTracer(model.weights)
    words, ngrams = (by_trace(METHODS[name], source, together) for name in ("words", "ngrams"))
    for i, ids in enumerate(many):
        logits, of_words, padding, rows = slow(model, ids)
        size = 1e-10 * max(1, abs(logits).max())
        np.testing.assert_allclose(words.logits[i], logits, atol=size)
        mine = slice(together.starts[i], together.starts[i + 1])
        np.testing.assert_allclose(words.scores[mine], of_words, atol=size)
        if words.padding is not None:
            np.testing.assert_allclose(words.padding[i], padding, atol=size)
        np.testing.assert_allclose(words.scores[mine].sum(0) + words.bias[i], logits, atol=size)
    filled = np.cumsum([0, *(len(ids) > 0 for ids in many)]) * len(model.config.widths)
    for i, ids in enumerate(many):
        rows = slow(model, ids)[3]
        mine = ngrams.scores[filled[i] : filled[i + 1]]
        with_words = [w is not None and max(w[2]) >= 0 for w in peaks_of(model, ids)]
        if len(ids):
            np.testing.assert_allclose(mine, rows * np.array(with_words)[:, None], atol=1e-9)
        np.testing.assert_allclose(mine.sum(0) + ngrams.bias[i], ngrams.logits[i], atol=1e-9)


@given(WIDE, documents)
def test_relevance_sums_to_the_logits(model, many):
    scored = by_trace(METHODS["lrp"], ArrayTracer(model.weights), Documents.of(many))
    edges = Documents.of(many).starts
    for i in range(len(many)):
        sums = scored.scores[edges[i] : edges[i + 1]].sum(0) + scored.bias[i]
        np.testing.assert_allclose(
            sums, scored.logits[i], atol=1e-8 * max(1, abs(scored.scores).max(initial=0))
        )


@given(WIDE, documents)
def test_a_document_is_the_same_alone_and_in_a_batch(model, many):
    together = model(pad(many)).detach().numpy()
    alone = [model(pad([ids])).detach().numpy()[0] for ids in many]
    np.testing.assert_allclose(together, alone, atol=1e-10)
    np.testing.assert_allclose(together, [slow(model, ids)[0] for ids in many], atol=1e-9)


@given(
    WIDE,
    documents,
    st.sampled_from([name for name, m in METHODS.items() if m.of_trace and m.check is None]),
)
def test_methods_say_the_same_by_torch_and_arrays(model, many, name):
    together = Documents.of(many)
    found = [
        by_trace(METHODS[name], tracer(model, together, backend=b), together) for b in ("torch", "numpy")
    ]
    size = 1e-8 * max(1, *(abs(one.scores).max(initial=0) for one in found))
    np.testing.assert_allclose(found[0].scores, found[1].scores, atol=size)
    np.testing.assert_allclose(found[0].bias, found[1].bias, atol=size)


@given(WIDE, documents)
def test_occlusion_is_what_zeroed_words_take(model, many):
    scored = by_trace(METHODS["occlusion"], ArrayTracer(model.weights), Documents.of(many))
    at = 0
    for ids in many:
        for p in range(len(ids)):
            x = model.embed(torch.from_numpy(ids))[None].detach().clone()
            length = torch.tensor([len(ids)])
            intact = model.classify(x, length)[0].detach().numpy()
            x[0, p] = 0
            fall = intact - model.classify(x, length)[0].detach().numpy()
            np.testing.assert_allclose(scored.scores[at], fall, atol=1e-9)
            at += 1


@given(models(gated=False, padded=True, wide=True), documents, st.sampled_from([1, -1]))
@settings(max_examples=40)
def test_the_exact_order_is_that_of_all_deletions(model, many, sign):
    for ids in (torch.from_numpy(ids) for ids in many if len(ids)):
        order = exact_order(model, ids, 0, sign, 4)
        assert len(set(order.tolist())) == len(order) == min(4, len(ids))
        logits = logits_along(model, ids, order[None])[0]  # (S + 1, C)
        for step in range(len(order)):
            others = [p for p in range(len(ids)) if p not in order[:step].tolist()]
            tried = torch.stack([torch.tensor([*order[:step].tolist(), p]) for p in others])
            every = logits_along(model, ids, tried)[:, -1]
            margins = [sign * (row[0] - row[1:].max()).item() for row in every]
            reached = sign * (logits[step + 1][0] - logits[step + 1][1:].max()).item()
            assert reached <= min(margins) + 1e-9


@pytest.mark.skipif(not compiles(), reason="no compiled kernels here")
@given(st.integers(0, 2**20), st.integers(0, 60), st.data())
@settings(max_examples=25)
def test_kernels_say_the_same(seed, length, data):
    from tests.shallow import paddings

    padding = data.draw(paddings((2, 3, 5)).filter(lambda padding: padding.adds))
    torch.manual_seed(seed)
    model = TextCNN(TextCNNConfig((2, 3, 5), (17, 3, 16), dim=7, padding=padding), 40, 3).eval()
    if padding.trained:
        model.embed.weight.data[0] = torch.randn(7)
    rng = np.random.default_rng(seed)
    together = Documents.of([rng.integers(1, 40, n) for n in (length, 0, 3, length // 2)])
    for name in ("words", "ngrams", "occlusion", "greedy", "loss-change", "sensitivity"):
        found = [
            by_trace(METHODS[name], tracer(model, together, backend=b), together) for b in ("table", "numpy")
        ]
        np.testing.assert_allclose(found[0].scores, found[1].scores, atol=1e-4)
        np.testing.assert_allclose(found[0].logits, found[1].logits, atol=1e-4)


@pytest.mark.parametrize(
    "padding", [Padding(length=6, side="left"), Padding(zeros="full"), Padding(before=2, after=2)]
)
def test_an_explanation_tells_what_padding_gives(padding):
    torch.manual_seed(1)
    model = TextCNN(TextCNNConfig((2, 3), 5, dim=4, padding=padding), 8, 2).eval()
    with torch.no_grad():
        for conv in model.convolutions:
            conv.bias.fill_(1)
    classifier = Classifier(
        model, Tokenizer(TextConfig("whitespace"), ("a", "b", "c", "d", "e", "f")), ("no", "yes")
    )
    explanation = explain(classifier, "a b")
    assert abs(explanation.padding).max() > 0
    assert explanation.residual < 1e-6
    assert explanation.to_dict()["padding"] == explanation.padding.tolist()
    assert len(explanation.scores) == 2
    assert explain(classifier, "a b", method="occlusion").padding is None


def test_a_captum_network_reads_the_padding():
    from convlens.explain.modules import as_modules

    for padding in (Padding(length=6, side="left", trained=True), Padding(zeros=((0, 2), (1, 1)))):
        torch.manual_seed(1)
        model = TextCNN(TextCNNConfig((2, 3), 5, dim=4, padding=padding), 8, 2).eval()
        ids = torch.tensor([[2, 3, 4, 5], [5, 5, 6, 7]])
        with torch.no_grad():
            torch.testing.assert_close(as_modules(model, 4)(model.embed(ids)), model(ids))


def test_a_trace_knows_the_texts_that_it_padded():
    model = TextCNN(TextCNNConfig((2,), 3, dim=4, padding=Padding(length=4, zeros="full")), 8, 2)
    many = Documents.of([np.array([2, 3]), np.array([], np.int64), np.array([2, 3, 4, 5, 6])])
    traced = trace(model.eval(), many)
    assert traced.documents.without_padding is many
    assert traced.documents.words.tolist() == [2, 0, 4]
    assert traced.part(1, 3).documents.without_padding.lengths.tolist() == [0, 5]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"length": 0}, "length of a padding must be from 1"),
        ({"length": 5, "least": 7}, "give length or least"),
        ({"zeros": ((1, -1),)}, "zeros of a padding must be at least 0"),
        ({"trained": True}, "no word of padding"),
        ({"side": "middle"}, "side"),
    ],
)
def test_padding_that_contradicts_itself_is_refused(values, told):
    with pytest.raises(InputError, match=told):
        Padding(**values)


@pytest.mark.parametrize(
    "padding", [Padding(length=3), Padding(before=1), Padding(zeros=((1, 1),)), Padding(least=2)]
)
def test_padding_must_leave_every_region_a_window(padding):
    with pytest.raises(InputError):
        TextCNNConfig((2, 5), 3, padding=padding)


@pytest.mark.parametrize(
    ("padding", "told"),
    [
        (Padding(), ""),
        (Padding(length=9), "cut and padded to 9 words"),
        (Padding(length=9, side="left", cut="left"), "cut and padded to 9 words in front"),
        (Padding(least=1, before=1, after=2), "padded to 1 word, 1 word of padding before and 2 after"),
        (Padding(length=9, side="left"), "cut at the end and padded in front to 9 words"),
        (Padding(least=3, trained=True), "padded to 3 words, a padding vector that is trained"),
        (
            Padding(before=2, zeros="full"),
            "2 words of padding before and 0 after, zeros in the convolution (full)",
        ),
    ],
)
def test_padding_is_told(padding, told):
    assert padding.told == told
