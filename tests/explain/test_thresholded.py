"""Thresholds against the definition of Jacovi et al., and the slots that pass them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.padded import ask, trace
from tests.shallow import documents, models

from convlens.errors import InputError
from convlens.explain import explain
from convlens.models import find_thresholds, load, pad, save
from convlens.models.thresholds import lowest_pure

PAIRS = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=12)


@given(PAIRS, st.sampled_from([0.5, 0.75, 1.0]))
def test_the_threshold_is_the_lowest_value_that_is_pure(pairs, purity):
    def pure(t: int) -> bool:
        agree = [agrees for value, agrees in pairs if value >= t]
        return sum(agree) / len(agree) >= purity

    expected = min((value for value, _ in pairs if pure(value)), default=np.inf)
    values = torch.tensor([[float(v)] for v, _ in pairs])
    assert lowest_pure(values, torch.tensor([[a] for _, a in pairs]), purity).item() == expected


@given(models(), documents)
def test_only_slots_of_passing_filters_count_for_their_class(model, found):
    ids = pad(found)
    model.thresholds = find_thresholds(model, found)
    traced = trace(model, ids)
    scores, slots = ask("thresholded", model, ids).scores, traced.slots
    expected = torch.zeros_like(scores)
    for row, document in enumerate(found):
        for p, n in enumerate(model.config.widths):
            value = traced.pooled[row, p]
            if len(document) and value > 0 and value >= model.thresholds[p]:
                place, own = traced.positions[row, p], model.head.weight[:, p].argmax()
                for j in range(min(n, len(document))):
                    expected[row, place + j, own] += slots[row, p, j]
    torch.testing.assert_close(scores, expected)


def test_a_fitted_model_has_thresholds_and_keeps_them(classifier, tmp_path):
    found = classifier.model.thresholds
    assert found.shape == (16,)
    assert torch.isfinite(found).any()
    save(classifier, tmp_path / "model")
    assert torch.equal(load(tmp_path / "model").model.thresholds, found)
    passing = trace(classifier.model, pad([classifier.tokenizer.encode("a superb film").ids])).peaks >= found
    assert passing.any()
    assert explain(classifier, "a superb film", method="thresholded").scores.any()


def test_filters_that_are_never_pure_pass_nothing(classifier, tmp_path):
    kept = classifier.model.thresholds
    classifier.model.thresholds = torch.full_like(kept, torch.inf)
    try:
        assert not explain(classifier, "a superb film", method="thresholded").scores.any()
        save(classifier, tmp_path / "model")
        assert torch.isinf(load(tmp_path / "model").model.thresholds).all()
    finally:
        classifier.model.thresholds = kept


def test_a_model_saved_without_thresholds_says_what_to_do(classifier, tmp_path):
    save(classifier, tmp_path / "model")
    path = tmp_path / "model" / "config.json"
    text = path.read_text()
    first, rest = text.split(' "thresholds": [', 1)
    path.write_text(first + rest.split("],\n", 1)[1])
    with pytest.raises(
        InputError, match=r"needs the thresholds .* this model was saved without: train it again"
    ):
        explain(load(tmp_path / "model"), "good", method="thresholded")
    path.write_text(text.replace(' "thresholds": [', ' "thresholds": [1, '))
    with pytest.raises(InputError, match="a number from 0 on, or null, for each of 16 filters"):
        load(tmp_path / "model")


def test_without_documents_no_threshold_is_reached(classifier):
    assert torch.isinf(find_thresholds(classifier.model, [np.zeros(0, np.int64)])).all()
