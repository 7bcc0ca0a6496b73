"""An evaluation on the page: its numbers, its charts, and why it is missing where it is."""

import re
from dataclasses import replace

import polars as pl

from convlens.report import render, report
from convlens.report.trust import trust


def test_the_tables_are_those_of_the_evaluation(evaluation):
    shown = trust(evaluation)
    for row, best in zip(shown["ranking"], evaluation.ranking.iter_rows(named=True), strict=True):
        assert row[0] == best["method"]
        assert row[1] == f"{best['turned']:.1%} [{best['low']:.1%}, {best['high']:.1%}]"
        areas = evaluation.areas.filter(method=best["method"])
        assert [cell.split(" ")[0] for cell in row[2:]] == [f"{area:.1%}" for area in areas["area"]]
    titles = {title: rows for title, _, rows in shown["tables"]}
    [agreed] = titles["Agreement of methods"]
    pair = evaluation.agreement.row(0, named=True)
    assert agreed == [
        "words",
        "sensitivity",
        *(f"{pair[kind]:.3f}" for kind in ("spearman", "kendall", "overlap")),
    ]
    *_, (_, columns, rows) = shown["tables"]
    assert columns == ["method", "head", "filters", "word vectors"]
    for row in rows:
        for stage, cell in zip(columns[1:], row[1:], strict=True):
            one = evaluation.sanity.row(
                by_predicate=(pl.col("method") == row[0]) & (pl.col("stage") == stage), named=True
            )
            numbers = (
                f"{one[kind]:.3f}".replace("-", "\u2212") for kind in ("spearman", "spearman_absolute")
            )
            assert cell == " / ".join(numbers)
    assert [row[0] for row in rows] == ["words", "sensitivity"]


def test_the_page_shows_curves_and_loads_nothing(classifier, corpus, evaluation):
    page = report(classifier, corpus, documents=5, evaluation=evaluation)
    lines = re.findall(r"<polyline[^>]*><title>([^<]*)", page)
    assert set(lines) == {"words", "sensitivity", "random"}
    assert "20 of 60 documents with at least" in page
    assert not re.search(r"https?://", page)
    assert "style=" not in page.split("<script")[0]  # the policy would refuse it


def test_a_page_without_an_evaluation_says_how_to_get_one(make_data):
    assert "convlens report … --evaluate measures it." in render(make_data(3))
    assert "these data carry none" in render(make_data(3, labelled=False))


def test_sentences_on_the_page_are_of_its_model(classifier, deep_classifier, corpus):
    one, deep = (report(model, replace(corpus), documents=3) for model in (classifier, deep_classifier))
    assert "Only the filters of a one-layer TextCNN" in deep
    assert "Only a one-layer TextCNN adds up n-grams" in deep
    assert "Only a" not in one
