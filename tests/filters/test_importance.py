"""Word importance by plain loops, and by matrix B of every document."""

import numpy as np
import pytest

from convlens.errors import InputError
from convlens.explain import explain
from convlens.filters import evidence, evidence_table, printed_importance, slot_importance, word_table
from convlens.filters import importance as module
from convlens.text import Documents


@pytest.mark.parametrize("name", ["classifier", "deep_classifier"])
def test_both_importances_are_the_sums_of_the_paper(name, request, monkeypatch):
    classifier = request.getfixturevalue(name)
    model = classifier.model
    layers = model.convolutions if name == "classifier" else model.convolutions[:1]
    monkeypatch.setattr(module, "AT_ONCE", 100)
    printed, slots = printed_importance(model).numpy(), slot_importance(model).numpy()
    vectors = model.embed.weight.detach().double().numpy()
    for row in (0, 2, len(vectors) - 1):
        w = vectors[row]
        weights = [f for conv in layers for f in conv.weight.detach().double().numpy()]  # (d, n)
        one = sum(abs(w[i] * f[i, s]) for f in weights for s in range(f.shape[1]) for i in range(len(w)))
        other = sum(abs(w @ f[:, s]) for f in weights for s in range(f.shape[1]))
        assert printed[row] == pytest.approx(one)
        assert slots[row] == pytest.approx(other)
    table = word_table(classifier, "slots")
    assert table["rank"].to_list() == list(range(1, classifier.tokenizer.size))
    assert table["slots"].to_list() == sorted(slots[1:], reverse=True)


@pytest.mark.parametrize(
    ("name", "method"), [("classifier", "words"), ("deep_classifier", "gradient-x-input")]
)
def test_evidence_is_what_all_occurrences_do_in_a_document(name, method, request, corpus, monkeypatch):
    classifier, texts = request.getfixturevalue(name), [*corpus.texts[:9], "", "unheard of"]
    monkeypatch.setattr(module, "SCORES", 40)
    table = evidence_table(classifier, texts)
    found: dict[str, list[np.ndarray]] = {}
    for text in texts:
        explanation = explain(classifier, text, method=method)
        for (a, b), scores in zip(explanation.spans, explanation.scores, strict=True):
            word = text[a:b].lower()
            found.setdefault(word if word in classifier.tokenizer.words else "<unk>", []).append(scores)
    assert set(table["word"]) == set(found)
    assert table["evidence"].is_sorted(descending=True)
    for row in table.iter_rows(named=True):
        scores = np.array(found[row["word"]])
        assert row["occurrences"] == len(scores)
        total = np.abs(scores).sum(0) / len(texts)
        assert row["evidence:positive"] == pytest.approx(total[1], abs=1e-6)
        assert row["evidence"] == pytest.approx(total.mean(), abs=1e-6)
        assert row["strength"] == pytest.approx(np.abs(scores).mean(), abs=1e-6)
        assert row["adds:negative"] == pytest.approx(scores[:, 0].mean(), abs=1e-6)


def test_of_many_classes_only_the_words_that_occur_have_numbers():
    documents = Documents.of([np.array([900_000, 3, 3]), np.array([], np.int64)])
    scores = np.arange(6000, dtype=np.float32).reshape(3, 2000) - 3000
    found = evidence(documents, 2000, [(documents.ids[:1], scores[:1]), (documents.ids[1:], scores[1:])])
    assert (found.words.tolist(), found.occurrences.tolist()) == ([3, 900_000], [2, 1])
    np.testing.assert_allclose(found.adds, [scores[1:].mean(0), scores[0]])
    np.testing.assert_allclose(found.moved, [np.abs(scores[1:]).sum(0) / 2, np.abs(scores[0]) / 2])
    np.testing.assert_allclose(found.strength, [np.abs(scores[1:]).mean(), np.abs(scores[0]).mean()])


def test_unknown_orders_name_those_there_are(classifier):
    with pytest.raises(InputError, match="cannot order words by 'word': choose one of equation-1, slots"):
        word_table(classifier, "word")


def test_equation_1_is_asked_for_by_both_its_names(classifier):
    assert word_table(classifier).equals(word_table(classifier, "printed"))
    assert word_table(classifier, "equation-1").equals(word_table(classifier, "printed"))
