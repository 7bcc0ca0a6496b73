"""The first convolution kept, shuffled and random; k-means over words and filter columns."""

import numpy as np
import pytest
import torch
from tests.toys import toy_corpus

from convlens.compress import ABLATIONS, ablate, cluster_embedding
from convlens.compress.ablations import first_layer, reordered
from convlens.data import split
from convlens.errors import InputError
from convlens.filters import first_convolutions
from convlens.models import ConvLayer, DeepTextCNNConfig, FitConfig, TextCNNConfig, TrainConfig, Watch, fit


def columns(weight):
    """The columns of filters (F, d, n) as a set of tuples each."""
    return [tuple(column) for filter in weight.transpose(1, 2).tolist() for column in filter]


@pytest.mark.parametrize("kind", ABLATIONS)
def test_columns_stay_what_they_are(kind):
    weight = torch.arange(4 * 3 * 5.0).reshape(4, 3, 5)
    found = reordered(weight, kind, torch.Generator().manual_seed(0))
    assert sorted(columns(found)) == sorted(columns(weight))
    same = [sorted(columns(found[i : i + 1])) == sorted(columns(weight[i : i + 1])) for i in range(4)]
    assert all(same) == (kind != "across")
    assert torch.equal(found, weight) == (kind in ("kept", "random"))


@pytest.mark.parametrize(
    "config", [TextCNNConfig((4, 5), 4, 6), DeepTextCNNConfig((ConvLayer(4, 5), ConvLayer(3, 2)), dim=6)]
)
def test_the_first_convolutions_are_set_and_frozen(config):
    corpus = toy_corpus()
    data = split(corpus, share=0.2, seed=0)
    settings = FitConfig(model=config, train=TrainConfig(epochs=2, lr=0.01))
    classifier = fit(data.train, settings, watch=Watch())
    made = {one.kind: one for one in ablate(classifier, data, watch=Watch())}
    assert tuple(made) == ABLATIONS
    for kind, one in made.items():
        for (weight, _), conv in zip(
            first_layer(classifier.model), first_convolutions(one.classifier.model), strict=True
        ):
            drawn = sorted(columns(conv.weight.detach())) == sorted(columns(weight))
            assert drawn == (kind != "random")  # so it was not trained
            assert torch.equal(conv.weight.detach(), weight) == (kind == "kept")
        assert 0 <= one.accuracy <= 1


def test_crowds_count_words_and_columns():
    classifier = fit(
        toy_corpus(), FitConfig(model=TextCNNConfig((2,), 3, 4), train=TrainConfig(epochs=1)), watch=Watch()
    )
    words = len(classifier.tokenizer.words)
    one, two = cluster_embedding(classifier, (1, 2))
    points = np.concatenate(
        [
            classifier.model.embed.weight.detach().numpy()[2:],
            *(c[None] for c in map(np.array, columns(first_layer(classifier.model)[0][0]))),
        ]
    )
    assert (one.words, one.share, one.columns, one.all_columns) == (words, 1.0, 6, 6)
    assert one.inertia == pytest.approx(((points - points.mean(0)) ** 2).sum(), rel=1e-4)
    assert two.inertia < one.inertia
    assert words / 2 <= two.words <= words
    with pytest.raises(InputError, match="ask for 1 to"):
        list(cluster_embedding(classifier, (10_000,)))
