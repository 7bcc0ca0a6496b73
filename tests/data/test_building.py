"""Rows set aside, when that stops the reading, and labels that are used only where all are there."""

import gzip
import json
import shutil
import subprocess

import pytest

from convlens.data import Columns, Corpus, Reject, from_frame, open_texts, read

GOOD = "fine,pos\ndull,neg\n"


def test_up_to_a_tenth_of_the_rows_may_be_set_aside(put):
    corpus = read(put("a.csv", "text,label\n" + GOOD * 9 + ",pos\n,neg\n"))
    assert len(corpus) == 18
    assert corpus.rejected == (Reject(20, "no text", ",pos"), Reject(21, "no text", ",neg"))


def test_more_than_a_tenth_stop_the_reading_unless_allowed(put, refusal):
    path = put("a.csv", "text,label\n" + GOOD * 8 + ",pos\nfine,\n")
    assert refusal(read, path) == (
        "a.csv: 2 of 18 rows cannot be used (1 no text, 1 no label; the first is line 18: ',pos'): "
        "mend them, or go on without them with --allow-rejects"
    )
    corpus = read(path, allow_rejects=True)
    assert (len(corpus), [r.reason for r in corpus.rejected]) == (16, ["no text", "no label"])


def test_nothing_is_left_to_allow_where_every_row_is_bad(put, refusal):
    path = put("a.csv", "text,label\n" + "," * 99 + "x\n")
    for allow in (False, True):
        assert refusal(read, path, allow_rejects=allow) == (
            "a.csv: 1 of 1 rows cannot be used (1 number of fields is 100, not 2 as in the header; "
            f"the first is line 2: {',' * 80!r}): mend them"
        )


def test_a_latin1_file_is_told_from_its_rows(put, refusal):
    path = put("meine texte.csv", ("text,label\n" + GOOD + "schön,pos\n").encode("latin-1"))
    said = (
        "meine texte.csv: 1 of 3 rows are not UTF-8, the first in line 4: convert it, for example with "
        f"iconv -f LATIN1 -t UTF-8 '{path}' > 'utf8-meine texte.csv'"
    )
    assert refusal(read, path) == said
    assert read(path, allow_rejects=True).texts == ("fine", "dull")


@pytest.mark.parametrize("suffix", [".tsv", ".jsonl", ".txt"])
def test_latin1_is_found_in_every_text_format(suffix, put, refusal):
    rows = {
        ".tsv": "text\tlabel\nschön\tpos\n",
        ".jsonl": '{"text": "schön", "label": "pos"}\n',
        ".txt": "schön\n",
    }
    path = put(f"a{suffix}", rows[suffix].encode("latin-1"))
    assert refusal(read, path, labelled=False).endswith(
        f"1 of 1 rows are not UTF-8, the first in line {1 + (suffix == '.tsv')}: convert it, for example with "
        f"iconv -f LATIN1 -t UTF-8 {path} > utf8-a{suffix}"
    )


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
@pytest.mark.parametrize("function", [read, lambda path: open_texts(str(path))])
def test_a_few_latin1_rows_are_named_with_the_command_that_converts(name, function, put):
    content = ("text,label\n" + GOOD * 9 + "schön,pos\n").encode("latin-1")
    path = put(name, gzip.compress(content) if name.endswith(".gz") else content)
    corpus = function(path)
    begin = (
        f"gzip -dc {path} | iconv -f LATIN1" if name.endswith(".gz") else f"iconv -f LATIN1 -t UTF-8 {path}"
    )
    assert len(corpus) == 18
    assert corpus.notices[-1].startswith(
        f"{corpus.source}: 1 of 19 rows are not UTF-8, the first in line 20: convert it, for example with {begin}"
    )
    assert corpus.notices[-1].endswith(" > utf8-a.csv")


def test_the_command_for_a_very_long_name_is_not_cut(put, refusal):
    path = put("a" * 200 + ".csv", ("text,label\n" + GOOD + "schön,pos\n").encode("latin-1"))
    assert refusal(read, path).endswith(": convert it, for example with iconv -f LATIN1 -t UTF-8")


@pytest.mark.skipif(shutil.which("iconv") is None, reason="no iconv")
def test_the_command_that_converts_can_be_pasted_anywhere(put, refusal, tmp_path):
    (tmp_path / "it's here").mkdir()
    path = put("it's here/a.csv", ("text,label\n" + GOOD + "schön,pos\n").encode("latin-1"))
    command = refusal(read, path).partition("for example with ")[2]
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    assert read(tmp_path / "utf8-a.csv").texts[-1] == "schön"


def test_only_five_reasons_are_listed(refusal):
    import polars as pl

    values = [None, 1, b"x", [2], {"a": 1}, 1.5, 2, 3]
    frame = pl.DataFrame({"text": pl.Series(values, dtype=pl.Object)})
    assert refusal(from_frame, frame, labelled=False) == (
        "frame: 8 of 8 rows cannot be used (3 text is not a string but a int, 1 no text, "
        "1 text is not a string but a bytes, 1 text is not a string but a list, "
        "1 text is not a string but a dict; the first is line 1: '[null, null]'): mend them"
    )


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_labels_are_used_without_being_asked_for_where_all_rows_have_one(put):
    path = put("a.csv", "text,label\n" + GOOD)
    assert read(path, labelled=False) == Corpus(("fine", "dull"), (1, 0), ("neg", "pos"), "a.csv")


def test_rows_without_a_label_are_kept_where_none_is_asked_for(put):
    path = put(
        "a.jsonl", lines({"text": "fine", "label": "pos"}, {"text": "dull"}, {"text": "so", "label": [1]})
    )
    assert read(path, labelled=False) == Corpus(
        ("fine", "dull", "so"),
        source="a.jsonl",
        notices=("a.jsonl: not using the labels, 2 of 3 rows have no usable label",),
    )


def test_labels_that_no_row_has_are_not_missed(put):
    path = put("a.csv", "text,label\nfine,\ndull,\n")
    assert read(path, labelled=False) == Corpus(("fine", "dull"), source="a.csv")


def test_labels_that_are_scores_are_left_out_where_none_is_asked_for(put, refusal):
    rows = "".join(f"film,0.{i:02}\n" for i in range(1, 31))
    path = put("a.csv", "text,label\n" + rows)
    said = (
        "a.csv: 30 different labels in 30 rows ('0.01', '0.02', '0.03', ...) look like a score, "
        "not classes: name another column with --label, make few classes of them, or allow them with --max-classes"
    )
    assert refusal(read, path) == said
    assert read(path, labelled=False) == Corpus(
        ("film",) * 30, source="a.csv", notices=(f"not using the labels: {said}",)
    )


def test_one_column_cannot_hold_both(put, refusal):
    path = put("a.csv", "text,label\n" + GOOD)
    assert refusal(read, path, Columns(label="text")) == (
        "a.csv: column 'text' cannot hold both texts and labels: name another with --text or --label"
    )


def test_a_label_in_another_encoding_is_no_label(put):
    path = put("a.csv", "text,label\n" + GOOD * 5 + "fine,p\udcf6s\n")
    assert [(r.line, r.reason) for r in read(path).rejected] == [(12, "not valid UTF-8")]
    assert read(path, labelled=False).labels is None
