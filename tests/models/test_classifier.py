import numpy as np
import pytest
import torch

from convlens.errors import InputError
from convlens.models import Classifier, by_length, count, pooling
from convlens.models.batches import shuffled
from convlens.trace import trace

TEXTS = ["a good film", "", "unknown wordz only", "bad", "a very long and dull film with no music and no end"]


def test_probabilities_sum_to_one_and_do_not_depend_on_the_batch(classifier):
    together = classifier.predict_proba(TEXTS)
    np.testing.assert_allclose(together.sum(1), 1, rtol=1e-6)
    alone = np.concatenate([classifier.predict_proba([t]) for t in TEXTS])
    np.testing.assert_allclose(together, alone, rtol=1e-5)
    assert classifier.predict(TEXTS) == [classifier.labels[i] for i in together.argmax(1)]


def test_no_texts_are_no_predictions(classifier):
    assert classifier.predict([]) == []


def test_a_single_string_is_refused(classifier):
    with pytest.raises(InputError, match="put it in a list"):
        classifier.predict("a good film")


def test_unknown_targets_list_the_labels_and_suggest_the_nearest(classifier):
    assert classifier.target("positive") == 1
    with pytest.raises(InputError, match=r"did you mean 'positive'.*negative, positive"):
        classifier.target("positiv")


def test_parts_must_fit(classifier):
    with pytest.raises(InputError, match="2 classes, but 1 labels"):
        Classifier(classifier.model, classifier.tokenizer, ("one",))


def test_batches_hold_every_document_once_within_the_budget():
    lengths = np.random.default_rng(0).integers(0, 50, 300)
    batches = by_length(lengths.tolist(), tokens=200)
    assert sorted(np.concatenate(batches)) == list(range(300))
    assert all(len(b) * max(lengths[b].max(), 1) <= 200 for b in batches)
    assert by_length([]) == []
    assert [b.tolist() for b in by_length([900], tokens=10)] == [[0]]


def test_training_batches_hold_every_document_once_and_differ_by_epoch():
    lengths = list(range(100))
    first, second = (shuffled(lengths, 8, np.random.default_rng(i)) for i in (0, 1))
    assert sorted(np.concatenate(first)) == list(range(100))
    assert [b.tolist() for b in first] != [b.tolist() for b in second]
    assert np.mean([np.ptp(b) for b in first]) < 30


def test_metrics_agree_with_scikit_learn():
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 3, 50), rng.integers(0, 3, 50)
    metrics = count(truth, predicted, ("a", "b", "c", "never"))
    options = {"labels": [0, 1, 2, 3], "zero_division": 0}
    assert metrics.accuracy == sklearn.accuracy_score(truth, predicted)
    assert metrics.macro_f1 == pytest.approx(sklearn.f1_score(truth, predicted, average="macro"))
    assert metrics.baseline == np.bincount(truth).max() / 50
    for name in ("precision", "recall", "f1"):
        theirs = getattr(sklearn, f"{name}_score")(truth, predicted, average=None, **options)
        np.testing.assert_allclose(getattr(metrics, name), theirs)
    with pytest.raises(InputError, match="need labelled rows"):
        count([], [], ("a", "b"))


@torch.no_grad()
def test_a_long_document_is_embedded_some_words_at_a_time(classifier, monkeypatch):
    monkeypatch.setattr(pooling, "CHUNK", 64)
    model, sizes = classifier.model.eval(), []
    ids = torch.randint(2, classifier.tokenizer.size, (3, 1000), generator=torch.manual_seed(0))
    ids[1, 130:] = ids[2, 1:] = 0
    expected = model.classify(model.embed(ids), (ids != 0).sum(1))
    handle = model.embed.register_forward_hook(lambda _, inputs, __: sizes.append(inputs[0].shape[1]))
    assert torch.equal(model(ids), expected)
    np.testing.assert_array_equal(trace(model, ids, backend="torch").logits, expected)
    handle.remove()
    assert max(sizes) < 64 + max(model.config.regions)
