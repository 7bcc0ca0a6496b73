"""What an evaluation takes, refuses, tells while it runs, and leaves behind."""

import json
from xml.etree import ElementTree

import polars as pl
import pytest

from convlens.data import Corpus
from convlens.errors import InputError
from convlens.evaluate import (
    DEFAULT,
    EvaluateConfig,
    deletion_chart,
    evaluate,
)
from convlens.explain import METHODS, find_method
from convlens.progress import Progress, ProgressBar


def test_the_default_methods_answer_for_the_model(evaluation, deep_classifier):
    wanted = [name for name in DEFAULT if name in METHODS]
    assert evaluation.methods == (*wanted, "random")
    chosen = EvaluateConfig().chosen(deep_classifier.model)
    assert chosen == ("words", "lrp", "gradient-x-input", "sensitivity", "random")
    twice = EvaluateConfig(("random", "sensitivity", "sensitivity"))
    assert twice.chosen(deep_classifier.model) == ("sensitivity", "random")
    with pytest.raises(InputError, match="choose one of words, ngrams, lrp, gradient-x-input"):
        EvaluateConfig(("loss-change",)).chosen(deep_classifier.model)


def _answers(name, classifier):
    try:
        return bool(find_method(name, classifier.model))
    except InputError:
        return False


def test_every_method_of_words_can_be_evaluated(classifier, corpus):
    names = tuple(
        name for name, method in METHODS.items() if not method.of_ngrams and _answers(name, classifier)
    )
    config = EvaluateConfig(names, deletions=2, resamples=5, sanity=1)
    found = evaluate(classifier, corpus.take([0, 1, 2]), config)
    assert found.methods == names
    assert (
        set(found.ranking["method"])
        == set(found.erasure["method"])
        == set(found.sanity["method"])
        == set(names)
    )


def test_a_deep_model_is_evaluated(deep_classifier, corpus):
    found = evaluate(deep_classifier, corpus.take(range(8)), EvaluateConfig(deletions=3, runs=2, sanity=2))
    assert found.documents == 8
    assert found.sanity["stage"].unique(maintain_order=True).to_list()[-1] == "word vectors"


def test_json_has_everything(evaluation):
    found = json.loads(evaluation.to_json())
    assert set(found) == {
        *("documents", "available", "correct", "wrong", "methods", "ranking", "deletion", "erasure"),
        *("agreement", "sanity", "settings"),
    }
    assert (found["documents"], found["available"]) == (30, 60)
    assert [len(row["curve"]) for row in found["deletion"]] == [7] * len(found["deletion"])
    assert set(found["ranking"][0]) == {"method", "turned", "low", "high", "documents", "rank"}
    assert found["settings"]["deletions"] == 6


def test_the_folder_has_every_table(evaluation, tmp_path):
    evaluation.write(tmp_path / "e")
    for name, table in evaluation.tables.items():
        assert pl.read_parquet(tmp_path / "e" / f"{name}.parquet").equals(table)
    assert json.loads((tmp_path / "e" / "evaluation.json").read_text()) == evaluation.to_dict()
    assert "http-equiv" not in (tmp_path / "e" / "deletion.svg").read_text()


def test_the_chart_draws_each_curve_where_it_belongs(evaluation):
    root = ElementTree.fromstring(deletion_chart(evaluation.curves))
    lines = root.findall(".//{*}polyline")
    groups = evaluation.curves["group"].n_unique()
    assert len(lines) == groups * len(evaluation.methods)
    first = [point.split(",") for point in lines[0].get("points").split()]
    assert [float(x) for x, _ in first] == pytest.approx([320 * s / 6 for s in range(7)], abs=0.06)
    curve = evaluation.curve(evaluation.methods[0], "correct")
    assert [float(y) for _, y in first] == pytest.approx([220 * (1 - a) for a in curve], abs=0.06)


def test_documents_are_long_enough_and_spread_evenly(classifier, corpus):
    texts = tuple(text * (1 + i % 2) for i, text in enumerate(corpus.texts))
    longer = Corpus(texts, corpus.labels, corpus.label_names)
    found = evaluate(classifier, longer, EvaluateConfig(("random",), min_words=15, sanity=0, documents=10))
    assert (found.available, found.documents) == (30, 10)
    with pytest.raises(InputError, match="no document of 99 words or more, the longest has"):
        evaluate(classifier, longer, EvaluateConfig(min_words=99))


def test_labels_are_needed_and_matched_by_name(classifier, corpus):
    with pytest.raises(InputError, match="has no labels: an evaluation asks whether decisions are right"):
        evaluate(classifier, Corpus(corpus.texts))
    turned = corpus.labelled(tuple(1 - label for label in corpus.labels), corpus.label_names[::-1])
    config = EvaluateConfig(("words",), sanity=0, resamples=5)
    assert evaluate(classifier, turned, config).correct == evaluate(classifier, corpus, config).correct


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"deletions": 0}, "deletions must be at least 1, got 0"),
        ({"documents": 0}, "documents must be at least 1, got 0"),
        ({"sanity": -1}, "sanity must be at least 0, got -1"),
        ({"methods": ()}, "no methods were given: name some of words, "),
        ({"methods": ("word",)}, "unknown method 'word': did you mean 'words'?"),
        ({"methods": ("ngrams",)}, "'ngrams' scores n-grams, and words are what is deleted here"),
    ],
)
def test_settings_are_checked(given, message):
    with pytest.raises(InputError, match=message.replace("?", r"\?")):
        EvaluateConfig(**given)


def test_a_watch_hears_of_every_document(classifier, corpus, capsys):
    class Counting(Progress):
        said = ()

        def on_stage(self, name, steps=None):
            self.said += ((name, steps),)

        def on_step(self):
            self.said += ("step",)

    watch = Counting()
    evaluate(classifier, corpus.take(range(3)), EvaluateConfig(("words",), sanity=1), watch=watch)
    assert watch.said == (("documents", 3), "step", "step", "step", ("randomised models", None))
    evaluate(classifier, corpus.take(range(3)), EvaluateConfig(("words",), sanity=1), watch=ProgressBar())
    assert capsys.readouterr().err == ""
