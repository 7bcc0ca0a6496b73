"""predict, explain, report, demo and help: what they print, write and refuse."""

import io
import json
import os
import re
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from convlens.cli import predict
from convlens.cli.app import app
from convlens.cli.console import program
from convlens.data import Splits, split
from convlens.version import VERSION

EVIL = "<script>alert(1)</script> \u202eevil\u202c \x00 \x1b[31m good film"


@pytest.fixture
def piped(monkeypatch):
    def pipe(content: bytes):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return pipe


def test_explain_gives_the_promised_json(run, model):
    done = run("explain", model, "Then a superb film", "--json")
    found = json.loads(done.out)
    assert set(found) == {
        *("text", "tokens", "scores", "bias", "logits", "probabilities"),
        *("labels", "predicted", "target", "method", "sums", "residual", "convergence_delta"),
    }
    assert [found["text"][t["start"] : t["end"]] for t in found["tokens"]] == ["Then", "a", "superb", "film"]
    scores, bias, logits = (np.array(found[name]) for name in ("scores", "bias", "logits"))
    assert scores.shape == (4, 2)
    np.testing.assert_allclose(scores.sum(0) + bias, logits, atol=1e-5)
    assert (found["method"], found["predicted"], found["labels"]) == (
        *("words", "positive"),
        ["negative", "positive"],
    )
    assert found["residual"] < 1e-5


def test_explain_shows_words_and_ngrams(run, model):
    words = run("explain", model, "Then a superb film").out
    assert words.startswith("predicted positive (")
    assert "words for positive, logit +" in words
    assert "the logit, off by" in words
    ngrams = run("explain", model, "Then a superb film", "--method", "ngrams", "--target", "negative").out
    assert "ngrams for negative, logit -" in ngrams
    assert "filter" in ngrams


def test_explain_writes_tables_and_pages(run, model, reviews, tmp_path):
    table, page = tmp_path / "scores.parquet", tmp_path / "page.html"
    done = run("explain", model, "--file", reviews, "-o", table, "--html", page)
    assert (done.code, done.out) == (0, "")
    frame = pl.read_parquet(table)
    assert frame["document"].n_unique() == 60
    assert frame.columns[:5] == ["document", "token", "start", "end", "text"]
    assert page.read_text().count('class="convlens"') == 60
    other = tmp_path / "scores.csv"
    run("explain", model, "good", "bad", "-o", other)
    assert pl.read_csv(other)["text"].to_list() == ["good", "bad"]


def test_texts_come_from_arguments_a_file_or_a_pipe(run, refused, model, reviews, piped, tmp_path):
    assert run("predict", model, "a good film").out.split("\t")[0] == "positive"
    piped("a good film\nein grüner Film\xff\n".encode("latin-1"))
    lines = run("predict", model).out.splitlines()
    assert [line.split("\t")[2] for line in lines] == ["a good film", "ein gr\ufffdner Film\ufffd"]
    plain = tmp_path / "lines.txt"
    plain.write_text("good\nbad\n")
    assert len(run("predict", model, "--file", plain).out.splitlines()) == 2
    done = run("predict", model, "--file", reviews, "--json")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert len(rows) == 60
    assert sum(rows[0]["probabilities"].values()) == pytest.approx(1)
    piped(b"")
    assert "standard input is empty" in refused("predict", model)
    assert "give one of them" in refused("predict", model, "good", "--file", reviews)


CUT = "a good film\u2028so good\nbad\x85film\r\ngood\x0cfilm\x1cand\x0bmore\n\nsuperb\u2029 \r film"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("arguments", [(), ("-",), ("--file", "-")])
def test_a_line_of_a_pipe_is_one_text(arguments, end, run, model, piped):
    content = (CUT + end).encode()
    for command, field in (("predict", "label"), ("explain", "predicted")):
        piped(b"\xef\xbb\xbf" + content)
        rows = [json.loads(line) for line in run(command, model, *arguments, "--json").out.split("\n")[:-1]]
        assert [row["text"] for row in rows] == [line.removesuffix("\r") for line in CUT.split("\n")]
        assert all(field in row and "line" not in row for row in rows)
    piped(content)
    assert run("predict", model, *arguments).out.count("\n") == 5


@pytest.mark.parametrize(("content", "lines"), [(b"\n", 1), (b"\n\ngood\n", 3), (b"good\0\xff\n \n", 2)])
def test_blank_and_broken_lines_of_a_pipe_keep_their_place(content, lines, run, model, piped):
    piped(content)
    assert run("predict", model, "-").out.count("\n") == lines


def test_a_dash_stands_alone_and_is_no_data(refused, model, piped, tmp_path):
    assert "stands alone" in refused("predict", model, "-", "good")
    assert "write it to a file" in refused("report", model, "-", "-o", tmp_path / "page.html")
    assert "write it to a file" in refused("fit", "-", "-o", tmp_path / "new")
    piped(b"\xef\xbb\xbf")
    assert "standard input is empty" in refused("explain", model, "-")


def test_every_row_of_a_file_keeps_its_place(run, model, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(b'id,text\n1,good\n2,\n3,a,b\n4,"a\nbad"\n' + b"5,bad\n" * 12)
    lines = [2, 3, 4, 5, *range(7, 19)]
    out = run("predict", model, "--file", path).out
    assert [line.split("\t")[3] for line in out.splitlines()] == list(map(str, lines))
    assert out.splitlines()[2] == "\t\t\t4"
    for command in ("predict", "explain"):
        rows = [json.loads(line) for line in run(command, model, "--file", path, "--json").out.splitlines()]
        assert [row["line"] for row in rows] == lines
        assert rows[1]["text"] == ""
        assert rows[2]["text"] is None
        assert rows[2]["reason"] == "number of fields is 3, not 2 as in the header"
    shown = run("explain", model, "--file", path, "--html", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert (shown.out, page.count("<p>line "), "number of fields is 3" in page) == ("", 16, True)
    assert "line 4:\ncannot be read: number of fields is 3" in run("explain", model, "--file", path).out


def test_blank_lines_of_a_text_file_and_of_an_only_column_keep_their_place(run, model, tmp_path):
    for name, head in (("a.txt", ""), ("a.csv", "text\n"), ("a.tsv", "text\n")):
        (tmp_path / name).write_text(head + "good\n\n\u2028\nbad\x85film\n")
        out = run("predict", model, "--file", tmp_path / name).out
        assert [line.split("\t")[2] for line in out.split("\n")[:-1]] == ["good", "", "", "bad film"]
        assert run("words", model, tmp_path / name).code == 0


def test_a_table_of_scores_tells_the_lines(run, model, tmp_path):
    (tmp_path / "a.txt").write_text("good\n\nbad film\n")
    run("explain", model, "--file", tmp_path / "a.txt", "-o", tmp_path / "a.parquet")
    assert pl.read_parquet(tmp_path / "a.parquet")["line"].to_list() == [1, 3, 3]


def test_predictions_for_rows_without_labels_are_not_lost(run, model, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("text,label\na good film,positive\na bad film,\na dull one,\n")
    done = run("predict", model, "--file", path)
    assert len(done.out.splitlines()) == 3


def test_report_writes_one_page(run, refused, model, reviews, tmp_path):
    page = tmp_path / "report.html"
    done = run("report", model, reviews, "-o", page, "--documents", "10")
    assert done.code == 0
    assert f"wrote {page} (" in done.err
    assert "10 documents, spread evenly over the data" in page.read_text()
    assert "exists" in refused("report", model, reviews, "-o", page)
    (tmp_path / "odd.csv").write_text("text,label\na,x\nb,x\n")
    message = refused("report", model, tmp_path / "odd.csv", "-o", tmp_path / "new.html")
    assert "odd.csv has labels that are unknown in training: 'x'" in message
    (tmp_path / "plain.csv").write_text("text\na good film\n")
    assert run("report", model, tmp_path / "plain.csv", "-o", tmp_path / "plain.html").code == 0


def test_report_measures_the_methods_where_that_is_asked_for(run, refused, model, reviews, tmp_path):
    page = tmp_path / "report.html"
    done = run("report", model, reviews, "-o", page, "--documents", "5", "--evaluate")
    assert (done.code, done.out) == (0, "")
    assert page.read_text().count("<polyline") == 6  # this model has nothing wrong
    (tmp_path / "plain.csv").write_text("text\na good film\n")
    message = refused("report", model, tmp_path / "plain.csv", "-o", tmp_path / "plain.html", "--evaluate")
    assert "has no labels" in message
    assert not (tmp_path / "plain.html").exists()


def test_malicious_text_breaks_no_command(run, model, tmp_path):
    path = tmp_path / "evil.jsonl"
    path.write_text(json.dumps({"text": EVIL}) + "\n" + json.dumps({"text": "x" * 10_000_000}) + "\n")
    shown = run("explain", model, "--file", path).out
    assert "\x1b[31m" not in shown
    assert "\u202e" not in shown
    page = tmp_path / "page.html"
    assert run("explain", model, "--file", path, "--html", page).code == 0
    assert "<script>" not in page.read_text()
    assert run("report", model, path, "-o", tmp_path / "report.html").code == 0
    assert "alert(1)</script>" not in (tmp_path / "report.html").read_text()
    lone = run("predict", model, "half a pair \ud800 good")
    assert (lone.code, "half a pair \ufffd good" in lone.out) == (0, True)


@pytest.mark.parametrize("command", ["predict", "explain"])
def test_folders_that_are_no_model(refused, command, model, tmp_path):
    assert f"no model at {tmp_path / 'none'}: train one" in refused(command, tmp_path / "none", "x")
    assert "is not a whole model folder" in refused(command, tmp_path, "x")
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-9])
    assert "it may be cut off" in refused(command, model, "x")


@pytest.mark.parametrize("command", ["predict", "explain"])
def test_an_edited_config_is_refused(refused, command, model):
    config = model / "config.json"
    config.write_text(config.read_text().replace('"filters": 8', '"filters": 9'))
    assert "the model's config asks for" in refused(command, model, "x")


def test_unknown_targets_methods_and_outputs(refused, model, reviews, tmp_path):
    message = refused("explain", model, "x", "--target", "postive")
    assert "unknown label 'postive': did you mean 'positive'?" in message
    assert "did you mean 'ngrams'?" in refused("explain", model, "x", "--method", "ngram")
    assert "a.xls does not end in .parquet, .csv or .jsonl" in refused("explain", model, "x", "-o", "a.xls")
    assert "exists" in refused("explain", model, "x", "--html", reviews)
    assert "is not a folder" in refused("explain", model, "x", "--html", reviews / "page.html")


def test_an_unwritable_folder_is_told(refused, model, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    assert "no permission to write" in refused("explain", model, "x", "--html", tmp_path / "page.html")


def test_the_demo_does_everything_once(run, corpus, tmp_path, monkeypatch):
    parts = split(corpus, share=0.2)
    monkeypatch.setattr("convlens.cli.demo.load_data", lambda name: Splits(parts.train, parts.test))
    done = run("demo", "-o", tmp_path / "demo")
    assert done.code == 0
    assert (tmp_path / "demo" / "report.html").read_text().startswith("<!doctype html>")
    assert "1. Data: 48 film-review sentences" in done.err
    last = done.err.splitlines()[-1].split()
    assert last[:2] == ["convlens", "explain"]
    assert run("explain", last[2], "Your own sentence.").code == 0


def test_help_reads_like_a_short_manual(run):
    done = run("--help")
    assert done.code == 0
    for command in ("demo", "fit", "predict", "explain", "report"):
        assert command in done.out
        shown = run(command, "--help").out
        assert command == "demo" or "Examples" in shown
    assert run("--version").out == f"convlens {VERSION}\n"
    assert app.info.name == "convlens"
    assert "did you mean" in run("explian").err.lower() or run("explian").code == 2


def test_a_closed_pipe_is_no_error(model, tmp_path):
    lines = tmp_path / "many.txt"
    lines.write_text("a good film\n" * 20_000)
    command = f'"{sys.executable}" -m convlens predict "{model}" --file "{lines}" | head -1'
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.startswith("positive\t")
    assert done.returncode == 0


def test_what_to_try_next_can_be_called_as_it_stands(tmp_path, monkeypatch):
    script = tmp_path / "bin dir" / "convlens"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(script)])
    monkeypatch.setenv("PATH", "/usr/bin")
    assert program() == f"'{script}'"
    monkeypatch.setenv("PATH", str(script.parent))
    assert program() == "convlens"
    monkeypatch.setattr(sys, "argv", ["/somewhere/convlens/__main__.py"])
    assert program() == "convlens"


def test_verbose_tells_the_backend(run, model, caplog):
    assert "tracing" not in run("explain", model, "good").err
    assert run("--verbose", "explain", model, "good").code == 0
    run("explain", model, "good")
    assert caplog.messages == ["tracing 1 words by numpy"]


@pytest.mark.parametrize("piece", [r".{1,3}\S*", predict.PIECE.pattern])
def test_rows_hold_any_white_space_between_words_as_one_blank(monkeypatch, piece):
    monkeypatch.setattr(predict, "PIECE", re.compile(piece, re.DOTALL))
    for text in ("", " ", "a", " a\n\n b\u2028c ", "long words\there  and\x1c  there", "   a" * 5):
        assert predict._on_one_line(text) == " ".join(text.split())
