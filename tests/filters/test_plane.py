"""Words and columns in one plane, by plain loops and by the covariance of all of them."""

import numpy as np
import pytest

from convlens.filters import column_places, first_convolutions, plane, printed_importance, slot_columns


@pytest.mark.parametrize("name", ["classifier", "deep_classifier"])
def test_columns_are_the_slots_of_the_filters_that_read_words(name, request):
    model = request.getfixturevalue(name).model
    layers = model.convolutions if name == "classifier" else model.convolutions[:1]
    assert list(first_convolutions(model)) == list(layers)
    weights = [f for conv in layers for f in conv.weight.detach().numpy()]  # (d, n) each
    found, places = slot_columns(model), zip(*column_places(model), strict=True)
    assert len(found) == sum(f.shape[1] for f in weights)
    for column, (f, j) in zip(found, places, strict=True):
        np.testing.assert_array_equal(column, weights[f][:, j])


@pytest.mark.parametrize("name", ["classifier", "deep_classifier"])
def test_one_projection_puts_words_and_columns(name, request):
    model = request.getfixturevalue(name).model
    found = plane(model, share=0.2)
    words = model.embed.weight.detach().double().numpy()[2:]
    points = np.concatenate([words, slot_columns(model)])
    centred = points - points.mean(0)
    axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :2]
    wanted, placed = centred @ axes, np.concatenate([found.words, found.columns])
    np.testing.assert_allclose(abs(placed), abs(wanted), atol=1e-5)  # an axis may point either way
    assert (len(found.words), len(found.filters)) == (len(words), len(found.slots))
    importance = printed_importance(model).numpy()[2:]
    assert found.important.tolist() == np.argsort(-importance)[: len(words) // 5].tolist()
