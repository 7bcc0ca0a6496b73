"""Several labels at once: metrics against scikit-learn, thresholds, saving, kills, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, hamming_loss, precision_recall_fscore_support
from tests.models.test_fitting import Killed, Stop, same, weights
from tests.toys import TOY

import convlens
from convlens.data import Corpus, from_lists, split
from convlens.errors import InputError
from convlens.models import Classifier, DeepTextCNNConfig, FitConfig, fit, load, measure, measure_sets, save
from convlens.models.config import TextCNNConfig


@pytest.fixture(scope="module")
def moods(corpus: Corpus) -> Corpus:
    """The toy reviews with their class as one label, and another where a word is in the text."""
    word = corpus.texts[0].split()[0]
    names = (*corpus.label_names, "word")
    sets = [
        (label, *((len(corpus.label_names),) if word in text.split() else ()))
        for text, label in zip(corpus.texts, corpus.labels, strict=True)
    ]
    sets[::7] = [()] * len(sets[::7])
    return replace(corpus, labels=None, label_names=names, sets=tuple(sets))


@pytest.fixture(scope="module")
def several(moods: Corpus) -> Classifier:
    return fit(moods, TOY)


def test_metrics_are_those_of_scikit_learn(several, moods):
    metrics = measure_sets(several, moods)
    truth, predicted = moods.membership(), several.logits(moods.texts) > 0
    assert metrics.accuracy == (truth == predicted).all(1).mean()
    assert metrics.hamming == pytest.approx(1 - hamming_loss(truth, predicted))
    precision, recall, f1, rows = precision_recall_fscore_support(truth, predicted, zero_division=0)
    for ours, theirs in (
        (metrics.precision, precision),
        (metrics.recall, recall),
        (metrics.f1, f1),
        (metrics.truly, rows),
    ):
        assert ours == pytest.approx(theirs)
    for average in ("micro", "macro"):
        expected = f1_score(truth, predicted, average=average, zero_division=0)
        assert getattr(metrics, f"{average}_f1") == pytest.approx(expected)


def test_a_threshold_is_the_lowest_value_at_which_texts_have_the_label(several, moods):
    trained = split(moods, share=TOY.train.validation, seed=TOY.train.seed).train
    arrays = several.weights
    documents = several.tokenizer.documents([text for text in trained.texts if text.strip()])
    pooled = arrays.pooled(arrays.peaks(arrays.reading.padded(documents))[0])
    has_label = arrays.head_of(pooled) > 0
    for values, head, threshold in zip(pooled.T, arrays.head.T, arrays.thresholds, strict=True):
        of_class = has_label[:, head.argmax()]
        pure = [value for value in values if of_class[values >= value].mean() >= 0.75]
        assert threshold == pytest.approx(min(pure, default=np.inf), rel=1e-5)


def test_a_folder_keeps_the_mark_and_others_have_none(several, classifier, tmp_path):
    save(several, tmp_path / "several")
    loaded = load(tmp_path / "several")
    assert loaded.label_separator == ";"
    assert (loaded.logits(["good"]) == several.logits(["good"])).all()
    save(classifier, tmp_path / "one")
    assert "label_separator" not in json.loads((tmp_path / "one" / "config.json").read_text())
    save(several.of_label("word"), tmp_path / "word")
    assert load(tmp_path / "word").labels == ("not word", "word")


def test_a_killed_fit_of_sets_goes_on_to_the_same_bits(moods, several, tmp_path):
    with pytest.raises(Killed):
        fit(moods, TOY, checkpoint=tmp_path / "c", watch=Stop(2, Killed()))
    again = fit(moods, TOY, checkpoint=tmp_path / "c")
    assert same(weights(again), weights(several))


def test_stacked_layers_take_sets_too(moods):
    config = replace(
        TOY, model=DeepTextCNNConfig(dim=6, vector_dropout=0.0), train=replace(TOY.train, epochs=2)
    )
    deep = fit(moods, config)
    assert deep.multilabel
    one = deep.of_label("word")
    z = deep.logits(moods.texts[:9])[:, -1]
    assert one.logits(moods.texts[:9]) == pytest.approx(np.stack([-z, z], 1) / 2, abs=1e-6)


def test_gates_and_float64_stay_with_one_label(several, moods):
    model = several.model
    wide = type(model)(model.config, *model.embed.weight.shape[:1], model.classes).double()
    wide.load_state_dict(model.state_dict())
    wide.gates = torch.full((len(model.config.widths),), 0.3, dtype=torch.float64)
    whole = replace(several, model=wide.eval())
    one = whole.of_label("word")
    assert one.logits(moods.texts)[:, 1] == pytest.approx(whole.logits(moods.texts)[:, -1] / 2, abs=1e-6)


def test_what_is_of_one_decision_is_refused(several, classifier, moods, corpus):
    for ask in (
        lambda: measure(several, moods),
        lambda: convlens.attack(several, moods),
        lambda: convlens.evaluate(several, moods),
        lambda: convlens.report(several, moods),
    ):
        with pytest.raises(InputError, match="several labels to a text"):
            ask()
    with pytest.raises(InputError, match="ask predict_sets"):
        several.predict(["good"])
    with pytest.raises(InputError, match="ask predict"):
        classifier.predict_sets(["good"])
    with pytest.raises(InputError, match="set of labels for each text"):
        measure(classifier, moods)
    with pytest.raises(InputError, match="measured of a model of several labels"):
        measure_sets(several, corpus)
    with pytest.raises(InputError, match="one output cannot tell"):
        fit(moods, FitConfig(model=TextCNNConfig(one_logit=True)))
    with pytest.raises(InputError, match="holds ';'"):
        fit(replace(moods, label_names=("a;b", *moods.label_names[1:])), TOY)
    with pytest.raises(InputError, match="both one label and a set"):
        replace(moods, labels=(0,) * len(moods))


def test_lists_and_strings_are_the_same_sets():
    strings = from_lists(["a", "b", "c"], ["x|y", "", "y | z"], separator="|")
    lists = from_lists(["a", "b", "c"], [["x", "y"], None, ["z", "y", "y"]], separator="|")
    assert strings.sets == lists.sets == ((0, 1), (), (1, 2))
    numbered = from_lists(["a", "b", "c"], [[0], [1, 2], []], ["x", "y", "z"], separator="|")
    assert numbered.sets == ((0,), (1, 2), ())
    with pytest.raises(InputError, match="which stands between labels"):
        from_lists(["a"], [["x|y"]], separator="|")
