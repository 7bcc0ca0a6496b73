"""Document vectors against loops, projections against the singular values, and the chart of documents."""

import sys
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from tests.units.test_saliency import CONFIGS, TEXTS, random_classifier

from convlens.draw import group, project, scatter
from convlens.errors import InputError
from convlens.explain import METHODS, document_vectors, weighted_sums, weightings
from convlens.models import pad
from convlens.text import Documents

PATH = "{http://www.w3.org/2000/svg}path"


@pytest.fixture(params=CONFIGS)
def classifier(request):
    return random_classifier(CONFIGS[request.param])


def slow_vectors(classifier, text, weight) -> np.ndarray:
    """`weight` maps the slopes of the predicted class and the vectors, both (T, d), to (T, d) or (T, 1)."""
    ids = pad(classifier.tokenizer.ids([text]))
    x = classifier.model.embed(ids).detach().requires_grad_()
    best = classifier.model.classify(x, torch.tensor([ids.shape[1]]))[0].max()
    slopes = torch.autograd.grad(best, x)[0][0]
    total = np.zeros(x.shape[2])
    for relevance, vector in zip(weight(slopes, x.detach()[0]), x.detach()[0], strict=True):
        total += (relevance * vector).numpy()
    length = np.sqrt(sum(v * v for v in total))
    return total / length if length else total


@pytest.mark.parametrize(
    ("weighting", "elementwise", "weight"),
    [
        ("uniform", False, lambda g, x: torch.ones(len(x), 1)),
        ("sensitivity", False, lambda g, x: (g * g).sum(1, keepdim=True)),
        ("sensitivity-l2", False, lambda g, x: (g * g).sum(1, keepdim=True).sqrt()),
        ("gradient-x-input", False, lambda g, x: (g * x).sum(1, keepdim=True)),
        ("sensitivity", True, lambda g, x: g * g),
        ("gradient-x-input", True, lambda g, x: g * x),
    ],
)
def test_vectors_are_weighted_sums(classifier, weighting, elementwise, weight):
    found = document_vectors(classifier, TEXTS, weighting=weighting, elementwise=elementwise)
    for text, vector in zip(TEXTS, found, strict=True):
        np.testing.assert_allclose(vector, slow_vectors(classifier, text, weight), atol=1e-9)
    lengths = np.linalg.norm(found, axis=1)
    assert lengths[0] == pytest.approx(1)
    assert lengths[TEXTS.index("")] == 0


def test_every_weighting_answers_or_says_why_not(classifier):
    family = type(classifier.model).__name__
    for name in weightings():
        method = METHODS.get(name)
        if method is not None and method.extra:
            continue  # slow, and no different here
        if method is not None and (family not in method.families or method.check is not None):
            with pytest.raises(InputError, match=r"one-layer|thresholds"):
                document_vectors(classifier, TEXTS, weighting=name)
        else:
            assert document_vectors(classifier, TEXTS, weighting=name).shape == (len(TEXTS), 3)
    with pytest.raises(InputError, match="unknown element-wise weighting 'words'"):
        document_vectors(classifier, TEXTS, weighting="words", elementwise=True)
    with pytest.raises(InputError, match="does not fit word vectors of shape"):
        weighted_sums(np.ones((3, 2)), Documents.of([np.array([0, 2])]), np.ones((3, 1)))


def test_parts_of_a_corpus_change_nothing(classifier, monkeypatch):
    expected = document_vectors(classifier, TEXTS, weighting="sensitivity", elementwise=True)
    monkeypatch.setattr(sys.modules["convlens.explain.document_vectors"], "AT_ONCE", 2)
    found = document_vectors(classifier, TEXTS, weighting="sensitivity", elementwise=True)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_pca_keeps_the_most_variance_and_few_vectors_stay_finite():
    vectors = np.random.default_rng(0).normal(size=(40, 6)) * [5, 3, 1, 1, 1, 1]
    points = project(vectors)
    singular = np.linalg.svd(vectors - vectors.mean(0), compute_uv=False)
    np.testing.assert_allclose(np.linalg.norm(points, axis=0), singular[:2])
    for count in range(7):
        for method in ("pca", "tsne"):
            assert np.isfinite(project(vectors[:count], method)).all()
            assert np.isfinite(project(np.ones((count, 3)), method)).all()
    assert project(vectors[:, :1])[:, 1].tolist() == [0] * 40
    with pytest.raises(InputError, match="unknown projection 'umap': choose one of tsne, pca"):
        project(vectors, "umap")


def test_tsne_keeps_neighbours_and_its_seed():
    rng = np.random.default_rng(0)
    vectors = np.concatenate([rng.normal(size=(8, 5)), 50 + rng.normal(size=(8, 5))])
    points = project(vectors, "tsne", seed=3)
    np.testing.assert_array_equal(points, project(vectors, "tsne", seed=3))
    apart = np.linalg.norm(points[:, None] - points, axis=2) + np.eye(16) * 1e9
    assert (apart.argmin(1) // 8 == np.arange(16) // 8).all()


def test_groups_are_top_levels():
    names = ["comp.graphics", "rec.autos", "sci.med", "talk.politics.guns", "talk.religion.misc"]
    names += ["soc.religion.christian", "alt.atheism", "misc.forsale", "positive"]
    assert [group(n) for n in names] == [
        *("comp", "rec", "sci", "politics", "religion", "religion", "religion", "misc", "positive")
    ]


def test_the_chart_has_one_scale_and_a_colour_for_each_group():
    small, large = np.array([[0.0, 0.0], [1, 0], [0, 1]]), np.array([[0.0, 0.0], [10, 0], [0, 10]])
    root = ElementTree.fromstring(scatter({"small": small, "la<rge": large}, ["b", "a", "b"]))
    clouds = [p for p in root.iter(PATH) if p.get("stroke-width") == "4"]
    assert [c.get("d").count("M") for c in clouds] == [1, 2, 1, 2]
    assert clouds[0].get("stroke") == clouds[2].get("stroke") != clouds[1].get("stroke")
    points = [np.array([s.split("h")[0].split() for s in c.get("d").split("M")[1:]], float) for c in clouds]
    spread = [np.linalg.norm(p[1] - p[0]) for p in (points[1], points[3])]
    assert spread[1] == pytest.approx(10 * spread[0], abs=1)
    with pytest.raises(InputError, match="9 groups have no 9 colours: merge them to 8"):
        scatter({}, list("abcdefghi"))
    with pytest.raises(InputError, match=r"shape \(3, 2\), expected \(2, 2\)"):
        scatter({"x": small}, ["a", "b"])
