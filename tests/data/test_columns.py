"""Columns are named, or guessed where only one guess is possible; a refusal lists what there is."""

import pytest

from convlens.data.columns import Choice, Columns, Header, choose

PROSE = ["a film that is fine", "a film that is dull", "one more film"]
SHORT = ["fine", "dull", "fine"]
ID = ["1", "2", "3"]


def header(*names, sample=([], [])):
    return Header("a.csv", names, lambda: sample)


def chosen(*names, text=None, label=None, labelled=True, sample=([], [])):
    return choose(header(*names, sample=sample), Columns(text, label), labelled=labelled)


TEXTS = "a.csv: taking the texts from column {!r}".format
LABELS = "a.csv: taking the labels from column {!r}".format


@pytest.mark.parametrize(
    ("names", "given", "expected"),
    [
        (("id", "label", "text"), (None, None), Choice(2, 1)),
        (("id", "a", "b"), ("b", "a"), Choice(2, 1)),
        (("id", " a ", "b"), ("b ", "a"), Choice(2, 1)),
        (("text", "label", "sentiment"), (None, "sentiment"), Choice(0, 2)),
        (("Review", "Sentiment", "id"), (None, None), Choice(0, 1, (TEXTS("Review"), LABELS("Sentiment")))),
        (("review_text", "y", "id"), (None, None), Choice(0, 1, (TEXTS("review_text"), LABELS("y")))),
        (("text", "stars"), (None, None), Choice(0, 1, (LABELS("stars"),))),
        (("stars", "text"), (None, None), Choice(1, 0, (LABELS("stars"),))),
        (("label", "comment"), ("label", None), Choice(0, 1, (LABELS("comment"),))),
        (("class", "comment"), ("class", None), Choice(0, 1, (LABELS("comment"),))),
    ],
)  # fmt: skip
def test_with_labels(names, given, expected):
    assert chosen(*names, text=given[0], label=given[1]) == expected


@pytest.mark.parametrize(
    ("names", "text", "expected"),
    [
        (("id", "text", "label"), None, Choice(1, 2)),
        (("text", "stars"), None, Choice(0, None)),
        (("text", "Class", "x"), None, Choice(0, 1, (LABELS("Class"),))),
        (("anything",), None, Choice(0, None, (TEXTS("anything"),))),
        (("label", "x"), "label", Choice(0, None)),
        (("class", "x"), "class", Choice(0, None)),
    ],
)
def test_without_labels(names, text, expected):
    assert chosen(*names, text=text, labelled=False) == expected


@pytest.mark.parametrize(
    ("sample", "index"),
    [
        ((PROSE, SHORT), 0),
        ((SHORT, PROSE), 1),
        ((ID, ["x" * 25, "y" * 25, "z" * 25]), 1),
        ((PROSE, [1, 2]), 0),
    ],
)
def test_prose_tells_the_texts_of_two_columns(sample, index):
    guess = chosen("a", "b", sample=sample)
    assert guess == Choice(index, 1 - index, (TEXTS("ab"[index]), LABELS("ab"[1 - index])))


@pytest.mark.parametrize("sample", [(PROSE, PROSE), (SHORT, ID), ([], []), (PROSE[:1] * 4, [None] * 4)])
def test_two_columns_both_or_neither_of_prose_are_unclear(sample, refusal):
    assert refusal(chosen, "a", "b", sample=sample) == (
        "a.csv: no column is named 'text' and none is clearly the one with the texts: "
        "name it with --text; the columns are 'a', 'b'"
    )


@pytest.mark.parametrize(
    ("names", "what", "option", "listed"),
    [
        (("review", "comment", "label"), "texts", "text", "'review', 'comment', 'label'"),
        (("text", "class", "topic"), "labels", "label", "'text', 'class', 'topic'"),
        (("text",), "labels", "label", "'text'"),
        (("anything",), "labels", "label", "'anything'"),
        (("text", "a very fine film indeed"), "labels", "label", "'text', 'a very fine film indeed'"),
        (("a very fine film indeed", "1"), "texts", "text", "'a very fine film indeed', '1'"),
        (("", "a"), "texts", "text", "'', 'a'"),
    ],
)
def test_unclear_columns(names, what, option, listed, refusal):
    data = " (the first line must name the columns)" if set(names) & {"", "a very fine film indeed"} else ""
    assert refusal(chosen, *names) == (
        f"a.csv: no column is named {option!r} and none is clearly the one with the {what}: "
        f"name it with --{option}; the columns are {listed}{data}"
    )


def test_an_unknown_column_brings_up_the_nearest_and_a_list(refusal):
    assert refusal(chosen, "Review", "Stars", text="reviews") == (
        "a.csv has no column 'reviews': did you mean 'Review'? its columns are 'Review', 'Stars'"
    )
    many = [f"c{i}" for i in range(12)]
    listed = ", ".join(map(repr, many[:10])) + " and 2 more"
    assert refusal(chosen, "text", *many, label="zzz") == (
        "a.csv has no column 'zzz': its columns are 'text', " + listed.replace(", 'c9' and 2", " and 3")
    )


def test_a_doubled_column(refusal):
    assert refusal(chosen, "text", "label", "text") == (
        "a.csv: 2 columns are named 'text': rename all but one"
    )


def test_one_column_for_both(refusal):
    assert refusal(chosen, "text", "label", label="text") == (
        "a.csv: column 'text' cannot hold both texts and labels: name another with --text or --label"
    )


def test_names_too_long_or_odd_are_shown_short(refusal):
    assert refusal(chosen, "x" * 50, "\ud800\x1b[2J\u202e", text="y" * 50) == (
        f"a.csv has no column '{'y' * 39}…': its columns are '{'x' * 39}…', '\ufffd\\x1b[2J\\u202e'"
    )
