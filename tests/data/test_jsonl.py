"""JSON lines: keys become columns; lines that are no objects are set aside."""

import json

import pytest

from convlens.data import Corpus, read

GOOD = '{"text": "fine", "label": "pos"}\n{"text": "dull", "label": "neg"}\n' * 10


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "fine", "label": "pos"', "broken JSON"),
        ("fine,pos", "broken JSON"),
        ('{"text": ' + "[" * 100_000, "broken JSON"),
        ('{"text": "fine", "label": ' + "9" * 5000 + "}", "broken JSON"),
        ("[1, 2]", "not a JSON object"),
        ('"fine"', "not a JSON object"),
        ("null", "not a JSON object"),
        ("{}", "no text"),
        ('{"text": null, "label": "pos"}', "no text"),
        ('{"text": " ", "label": "pos"}', "no text"),
        ('{"text": 7, "label": "pos"}', "text is not a string but a int"),
        ('{"text": {"a": 1}, "label": "pos"}', "text is not a string but a dict"),
        ('{"text": "fine"}', "no label"),
        ('{"text": "fine", "label": NaN}', "no label"),
        (
            '{"text": "fine", "label": ["pos"]}',
            "label is a list, not a string or a number (--label-separator reads several labels)",
        ),
        ('{"text": "fi\\ud83d", "label": "pos"}', "half a surrogate pair, which is no character"),
        ('{"text": "fi\\udc80", "label": "pos"}', "half a surrogate pair, which is no character"),
        ('{"text": "fine", "label": "\\udcff"}', "half a surrogate pair, which is no character"),
        ('{"text": "f\udce9te", "label": "pos"}', "not valid UTF-8"),
    ],
    ids=range(19),
)
def test_a_bad_line_is_set_aside_with_number_and_reason(line, reason, put):
    corpus = read(put("a.jsonl", f"\n{line}\n{GOOD}"))
    shown = line[:200].replace("\udce9", "\\udce9")
    assert [(r.line, r.reason, r.row) for r in corpus.rejected] == [(2, reason, shown)]
    assert len(corpus) == 20


def test_a_pair_of_surrogate_escapes_is_one_character(put):
    corpus = read(put("a.jsonl", '{"text": "\\ud83d\\ude00"}'), labelled=False)
    assert corpus == Corpus(("😀",), source="a.jsonl")


def test_keys_of_all_lines_are_columns(put, refusal):
    rows = [{"a": 1}, {"b": 2, "a": 3}, {"c": 4}]
    path = put("a.jsonl", "\n".join(map(json.dumps, rows)))
    assert refusal(read, path) == (
        "a.jsonl: no column is named 'text' and none is clearly the one with the texts: "
        "name it with --text; the columns are 'a', 'b', 'c'"
    )


@pytest.mark.parametrize("content", ["\n\n", "[]\n", "text,label\nfine,pos\n", "{}\n"])
def test_a_file_without_objects(content, put, refusal):
    path = put("a.jsonl", content)
    assert refusal(read, path) == (
        f'{path} holds no JSON objects: expected one a line, such as {{"text": "A fine film.", "label": "good"}}'
    )


def test_numbers_and_truths_are_labels(put):
    rows = "".join(f'{{"text": "film", "label": {value}}}\n' for value in ("true", "false", "true"))
    assert read(put("a.jsonl", rows)).label_names == ("False", "True")
    rows = "".join(f'{{"text": "film", "label": {value}}}\n' for value in ("1.0", "0", '"2"'))
    assert read(put("b.jsonl", rows)).label_names == ("0", "1", "2")
