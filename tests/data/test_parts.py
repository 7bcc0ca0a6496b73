"""A column `split` or `fold` parts the rows of a file, or is said not to."""

import json

import pytest

from convlens.data import Columns, Corpus, Splits, open_data, read
from convlens.data.labels import MANY

HEADER = "text,label,split\n"


def rows(*parts):
    return "".join(f"film {i},{'xy'[i % 2]},{part}\n" for i, part in enumerate(parts))


@pytest.mark.parametrize("name", ["split", "fold", "Split", " FOLD"])
@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("Train", "TEST"), ("training", "testing")])
def test_rows_go_to_their_parts(name, train, test, put):
    path = put("a.csv", f"text,label,{name}\n" + rows(train, train, test, train))
    assert open_data(str(path)) == Splits(
        Corpus(
            ("film 0", "film 1", "film 3"),
            (0, 1, 1),
            ("x", "y"),
            "a.csv@train",
            notices=(f"a.csv: column {name!r} parts the rows: 3 to train on, 1 to test on",),
        ),
        Corpus(("film 2",), (0,), ("x", "y"), "a.csv@test"),
    )


@pytest.mark.parametrize("name", ["validation", "valid", "Dev", "VAL"])
def test_validation_rows_are_trained_on_or_tested_on(name, put):
    three = open_data(str(put("a.csv", HEADER + rows("train", name, "test", "train"))))
    assert (three.train.texts, three.test.texts) == (("film 0", "film 1", "film 3"), ("film 2",))
    said = (
        "a.csv: column 'split' parts the rows: 3 to train on, 1 to test on; "
        "validation rows (1) are trained on too, as fit holds out its own"
    )
    assert three.train.notices == (said,)
    two = open_data(str(put("a.csv", HEADER + rows("train", name))))
    assert (two.train.texts, two.test.texts, two.test.source) == (
        ("film 0",),
        ("film 1",),
        "a.csv@validation",
    )
    assert two.train.notices == (
        "a.csv: column 'split' parts the rows: 1 to train on, 1 to test on, which are those of validation",
    )


@pytest.mark.parametrize(
    ("values", "listed"),
    [
        (("0", "1", "2", "3"), "'0', '1', '2', ..."),
        (("train", "test", "unsupervised"), "'train', 'test', 'unsupervised'"),
        (("train", "test", ""), "'train', 'test', ''"),
        (("train", "train"), "'train'"),
        (("test", "validation"), "'test', 'validation'"),
        (("\x1b" + "z" * 99, "test"), "'\\x1bzzzzzzz … zzzzzzzz', 'test'"),
    ],
)
def test_other_values_are_said_not_to_be_used(values, listed, put):
    corpus = open_data(str(put("a.csv", HEADER + rows(*values))))
    assert len(corpus) == len(values)
    said = (
        f"a.csv: not using column 'split', which holds {listed}: "
        "only train and test (or validation) in all rows would keep rows for testing"
    )
    assert corpus.notices == (said,)


def test_the_column_that_names_parts_is_used_and_the_other_is_named(put):
    content = "fold,text,label,split\n0,fine,x,train\n1,dull,y,train\n0,so,x,test\n"
    data = open_data(str(put("a.csv", content)))
    assert data.test.texts == ("so",)
    unused, used = data.train.notices
    assert unused.startswith("a.csv: not using column 'fold', which holds '0', '1': ")
    assert used == "a.csv: column 'split' parts the rows: 2 to train on, 1 to test on"


@pytest.mark.parametrize("name", ["a.tsv", "a.jsonl", "a.json", "a.parquet", "a.arrow"])
def test_every_format_has_parts(name, tmp_path):
    import polars as pl

    path = tmp_path / name
    frame = pl.DataFrame({"split": ["train", "test"], "text": ["fine", "dull"], "label": ["x", "y"]})
    write = {
        "a.tsv": lambda path: frame.write_csv(path, separator="\t"),
        "a.jsonl": frame.write_ndjson,
        "a.json": frame.write_json,
        "a.parquet": frame.write_parquet,
        "a.arrow": frame.write_ipc,
    }
    write[name](path)
    data = open_data(str(path))
    assert (data.train.texts, data.test.texts) == (("fine",), ("dull",))


def test_rows_set_aside_go_with_their_part(put):
    lines = [{"text": f"film {i}", "label": "xy"[i % 2], "split": "train"} for i in range(30)]
    lines += [{"text": "", "label": "x", "split": "test"}, {"text": "", "label": "x"}]
    lines += [{"text": "so", "label": "x", "split": "test"}]
    data = open_data(str(put("a.jsonl", "".join(json.dumps(line) + "\n" for line in lines))))
    assert [one.line for one in data.train.rejected] == [32]
    assert [one.line for one in data.test.rejected] == [31]
    assert data.test.lines == (33,)


def test_a_column_of_texts_or_labels_is_no_column_of_parts(put):
    path = str(put("a.csv", HEADER + rows("train", "test", "train", "test")))
    assert open_data(path, Columns(label="split")) == Corpus(
        tuple(f"film {i}" for i in range(4)), (1, 0, 1, 0), ("test", "train"), "a.csv"
    )


def test_reading_in_python_takes_all_rows_and_says_so(put):
    corpus = read(put("a.csv", HEADER + rows("train", "test")))
    assert len(corpus) == 2
    assert corpus.notices == ("a.csv: taking all rows, whatever column 'split' says: open_data keeps parts",)


def test_texts_without_labels_have_parts_too(put):
    data = open_data(str(put("a.csv", "text,split\nfine,train\ndull,test\n")), labelled=False)
    assert data.test == Corpus(("dull",), source="a.csv@test")


def test_more_classes_than_a_thousand_are_taken_where_someone_says_so(put, refusal):
    content = "text,label\n" + "".join(f"film,c{i % (MANY + 1)}\n" for i in range(2 * MANY + 2))
    path = str(put("a.csv", content))
    assert "1,001 different labels in 2,002 rows" in refusal(open_data, path)
    assert len(open_data(path, Columns(max_classes=MANY + 1)).label_names) == MANY + 1
    assert "allow them with --max-classes" in refusal(open_data, path, Columns(max_classes=MANY))
