"""The points of the documents: those that `document_vectors` gives, on one scale, in few groups."""

import numpy as np

from convlens.draw import project
from convlens.explain import document_vectors
from convlens.report.documents import score_all
from convlens.report.projections import OTHERS, by_word, groups, on_one_scale, project_documents


def found(classifier, texts):
    tokens = classifier.tokenizer.encode_all(texts)
    return tokens, score_all(classifier, tokens, ["lrp", "sensitivity"])


def test_vectors_of_words_are_those_of_explain(classifier, corpus):
    texts = ["", *corpus.texts[:9]]
    for name, vectors in by_word(classifier, *found(classifier, texts)).items():
        wanted = document_vectors(classifier, texts, weighting=name)
        np.testing.assert_allclose(vectors, wanted, atol=1e-5, err_msg=name)


def test_panels_are_projections_on_one_scale(classifier, deep_classifier, corpus):
    texts = corpus.texts[:9]
    for model in (classifier, deep_classifier):
        projection = project_documents(model, *found(model, texts), corpus.labels[:9])
        assert projection.panels[:4] == ("uniform", "lrp", "sensitivity", "sensitivity-l2")
        assert abs(projection.points).max() == 1
        last = projection.panels[-1].removesuffix(", number by number")
        points = project(document_vectors(model, texts, weighting=last, elementwise=True))
        distances = [
            abs(p[:, None] - p[None]) for p in (projection.points[-1], points)
        ]  # (D, D, 2), wherever the middle is
        scale = distances[0].max() / distances[1].max()
        np.testing.assert_allclose(distances[0], scale * distances[1], atol=1e-3 * scale)
        assert [projection.groups[g] for g in projection.of] == [
            model.labels[label] for label in corpus.labels[:9]
        ]


def test_one_scale_keeps_the_sizes_of_panels():
    points = on_one_scale([np.array([[0.0, 0.0], [4.0, 2.0]]), np.array([[9.0, 1.0], [10.0, 1.0]])])
    np.testing.assert_allclose(points, [[[-1, -0.5], [1, 0.5]], [[-0.25, 0], [0.25, 0]]])
    assert not on_one_scale([np.zeros((3, 2))]).any()


def test_rare_groups_share_a_colour():
    names, of = groups([*"aabbccddeeffgg", "h", "i", "comp.x", "comp.y"])
    assert names == ("a", "b", "c", "d", "e", "f", "g", OTHERS)
    assert of.tolist()[-4:] == [7, 7, 7, 7]
    assert groups(["comp.x", "comp.y", "sci.z"])[0] == ("comp", "sci")


def test_two_documents_make_no_picture(classifier, corpus):
    assert project_documents(classifier, *found(classifier, corpus.texts[:2]), (0, 1)) is None
