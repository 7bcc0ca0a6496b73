"""Thresholds, purity and coverage are those of their definitions, tried value by value."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.filters.small import cases, peaks_of

from convlens.filters import filter_classes, purities, threshold_points
from convlens.models import TextCNNConfig, build
from convlens.text import Documents
from convlens.trace import trace_by_torch


def traced(classifier, texts):
    return trace_by_torch(classifier.model, Documents.of(classifier.tokenizer.ids(texts)))


@settings(max_examples=25)
@given(cases(), st.sampled_from([0.3, 0.5, 0.75, 0.9, 1.0]), st.booleans())
def test_the_threshold_is_the_lowest_with_that_purity(case, purity, multilabel):
    classifier, texts = case
    trace = traced(classifier, texts)
    found = purities(classifier.model, trace, purity, multilabel=multilabel)
    filled = trace.documents.lengths > 0
    values, logits = np.maximum(trace.peaks, 0)[filled], trace.logits[filled]
    np.testing.assert_allclose(values, peaks_of(classifier.model, trace.documents)[0], atol=1e-9)
    classes, _, _ = filter_classes(classifier.model)
    for f in range(values.shape[1]):
        agrees = logits[:, classes[f]] > 0 if multilabel else logits.argmax(1) == classes[f]
        shares = {t: agrees[values[:, f] >= t].mean() for t in values[:, f]}
        pure = [t for t, share in shares.items() if share >= purity]
        if not pure:
            assert found.thresholds[f] == np.inf
            assert np.isnan(found.purity[f])
            assert found.coverage[f] == 0
            continue
        assert found.thresholds[f] == min(pure)
        assert found.purity[f] == pytest.approx(shares[min(pure)])
        passing = (values[:, f] >= min(pure)) & (values[:, f] > 0)
        assert found.coverage[f] == pytest.approx(passing.mean())


@settings(max_examples=12)
@given(cases(), st.randoms())
def test_points_are_the_pooled_values_and_whether_the_prediction_agrees(case, random):
    classifier, texts = case
    trace = traced(classifier, texts)
    values, predicted = peaks_of(classifier.model, trace.documents)
    f = random.randrange(trace.peaks.shape[1])
    points = threshold_points(classifier.model, trace, f)
    assert points["document"].to_list() == [i for i, text in enumerate(texts) if text]
    np.testing.assert_allclose(points["value"], values[:, f], atol=1e-9)
    head = classifier.model.head.weight.detach().numpy()[:, f]
    assert points["agrees"].to_list() == [p == head.argmax() for p in predicted]


def test_documents_without_words_reach_no_purity(classifier):
    found = purities(classifier.model, traced(classifier, ["", ""]))
    assert (found.thresholds == np.inf).all()
    assert (found.coverage == 0).all()
    assert (found.bars == np.inf).all()


def test_a_filter_speaks_for_its_class_where_its_text_weighs_it_so():
    torch.manual_seed(3)
    model = build(TextCNNConfig((1, 2), 5, 3, hidden=(6, 4)), 20, 3).double().eval()
    documents = [np.random.default_rng(i).integers(1, 20, 5) for i in range(40)]
    trace = trace_by_torch(model, Documents.of(documents))
    classes, _, _ = filter_classes(model)
    pooled = torch.tensor(trace.pooled, requires_grad=True)
    logits = model.logits_of(pooled)
    slopes = torch.stack(
        [torch.autograd.grad(y.sum(), pooled, retain_graph=True)[0] for y in logits.unbind(1)]
    )
    shares = purities(model, trace).speaks
    assert 0 < shares.min() < shares.max() <= 1
    for f, of_class in enumerate(classes):
        adds = (pooled[:, f] * slopes[:, :, f]).detach().numpy()  # (C, D)
        said = [column.argmax() == of_class for column in adds.T if column.any()]
        assert shares[f] == pytest.approx(np.mean(said))
    assert purities(model, trace, multilabel=True).speaks is not None
    assert purities(build(TextCNNConfig((1, 2), 5, 3), 20, 3).double(), trace).speaks is None
