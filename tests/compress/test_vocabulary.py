"""Models trained anew on a share of the words, and what they are compared with."""

from dataclasses import replace

import numpy as np
import pytest
from tests.toys import TOY

from convlens.compress import by_words, important_words, prune_words, settings_of
from convlens.data import split
from convlens.errors import InputError
from convlens.filters import evidence_table, printed_importance
from convlens.models import TextCNN, TrainingHistory, Watch, measure
from convlens.text import UNKNOWN


@pytest.fixture(scope="module")
def found(classifier, corpus):
    return list(prune_words(classifier, split(corpus, share=0.2), [20], by="printed", watch=Watch()))


def test_words_are_kept_by_importance_by_chance_and_the_other_way_round(classifier, corpus, found):
    assert [one.kind for one in found] == ["all", "top", "random", "rest"]
    everything, top, random, rest = (set(one.classifier.tokenizer.words) for one in found)
    importance = printed_importance(classifier.model).numpy()[2:]
    ordered = [classifier.tokenizer.words[i] for i in np.argsort(-importance, kind="stable")]
    assert len(top) == len(random) == round(len(everything) * 0.2)
    assert top == set(ordered[: len(top)])
    assert rest == everything - top
    assert random != top
    data = split(corpus, share=0.2)
    for one in found:
        row = one.to_dict()
        assert row["accuracy"] == measure(one.classifier, data.test).accuracy
        assert row["parameters"] == sum(p.numel() for p in one.classifier.model.parameters())
        assert row["epoch_seconds"] > 0
    assert found[1].to_dict()["parameters"] < found[0].to_dict()["parameters"]
    [ids] = found[1].classifier.tokenizer.ids([" ".join(sorted(rest))])
    assert set(ids) <= {UNKNOWN, *range(2, 2 + len(top))}


def test_the_settings_are_those_of_the_model(classifier, found):
    assert settings_of(classifier).train == TOY.train
    for one in found[1:]:
        assert one.classifier.model.config == classifier.model.config
        assert one.classifier.record.settings["train"] == classifier.record.settings["train"]


def test_a_curve_has_the_top_words_alone(classifier, corpus):
    data = split(corpus, share=0.2)
    outcome = by_words(classifier, data, [100, 10], by="evidence", watch=Watch())
    table = outcome.tables["words"]
    assert table["kind"].to_list() == ["all", "top", "top"]
    assert table["share"].to_list() == [100, 100, 10]
    assert (table["documents_per_second"] > 0).all()
    assert (
        len(outcome.classifier.tokenizer.words) == table["words"][2] < table["words"][1] == table["words"][0]
    )
    assert outcome.classifier.record.changes == (
        "trained anew on the 10 % of the words most important by evidence",
    )
    best = [
        w for w in evidence_table(classifier, data.train.texts)["word"] if w in classifier.tokenizer.words
    ]
    assert set(outcome.classifier.tokenizer.words) <= set(best[: table["words"][2]])


def test_words_without_evidence_come_last(classifier):
    ordered = important_words(classifier, ["superb"], "evidence")
    assert ordered[0] == "superb"
    assert sorted(ordered) == sorted(classifier.tokenizer.words)


def test_what_cannot_be_trained_anew_is_refused(classifier, corpus):
    data = split(corpus, share=0.2)
    for share in (0, -1, 100.5):
        with pytest.raises(InputError, match="a share of the words lies above 0 and up to 100 percent"):
            next(prune_words(classifier, data, [share]))
    with pytest.raises(InputError, match="no record of its training settings"):
        next(prune_words(replace(classifier, record=TrainingHistory()), data, [5]))
    vectors = replace(classifier, record=replace(classifier.record, vectors="glove.txt, tuned"))
    with pytest.raises(InputError, match=r"began with word vectors \(glove.txt, tuned\): give them again"):
        next(prune_words(vectors, data, [5]))


def test_deep_models_are_trained_anew_too(deep_classifier, corpus):
    found = list(prune_words(deep_classifier, split(corpus, share=0.2), [50, 25], watch=Watch()))
    assert not isinstance(found[-1].classifier.model, TextCNN)
    assert found[-1].classifier.model.config == deep_classifier.model.config
