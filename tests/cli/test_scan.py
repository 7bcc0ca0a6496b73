"""`convlens explain --file FILE -o FOLDER`: what it writes, says and refuses."""

import json
import os
import signal
import subprocess
import sys
import time

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from convlens.scan import read_scan, read_summary, watch


def test_a_folder_is_a_scan(run, model, reviews, tmp_path):
    out = tmp_path / "out"
    done = run("explain", model, "--file", reviews, "-o", out, "--top", 3, "--target", "negative", "--quiet")
    assert (done.code, done.out) == (0, "")
    assert done.err == f"wrote {out} (60 documents, 180 scored, 1 parts)\n"
    documents, words = (frame.collect() for frame in read_scan(out))
    assert documents.columns == [
        *("document", "line", "predicted", "probability", "logit:negative", "logit:positive", "residual")
    ]
    assert documents["line"].to_list() == list(range(2, 62))
    assert words.columns == ["document", "token", "start", "end", "text", "score:negative"]


def test_a_summary_and_an_engine_are_passed_on(run, refused, model, reviews, tmp_path):
    command = ("explain", model, "--file", reviews, "-o", tmp_path / "out", "--quiet")
    assert "unknown engine 'spark': choose one of local, ray" in refused(*command, "--engine", "spark")
    assert "belong to the engine 'ray'" in refused(*command, "--workers", 2, "--address", "auto")
    assert run(*command, "--summary").code == 0
    assert read_summary(tmp_path / "out").classes["documents"].sum() == 60
    assert "belong to a scan" in refused("explain", model, "good film", "--summary")


def test_the_method_and_the_column_are_passed_on(run, model, tmp_path):
    path, out = tmp_path / "a.parquet", tmp_path / "out"
    pl.DataFrame({"text": ["x"] * 3, "post": ["good film", None, "bad"]}).write_parquet(path)
    done = run("explain", model, "--file", path, "--text", "post", "--method", "ngrams", "-o", out)
    assert done.code == 2
    assert f"a.parquet: set aside 1 of 3 rows, the first in line 2: no text; {out} lists them\n" in done.err
    _, words = read_scan(out)
    assert words.collect()["filter"].to_list() == [*range(16)] * 2


def test_what_was_guessed_is_said_even_when_quiet(run, model, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,review\n1,good film\n")
    done = run("explain", model, "--file", path, "-o", tmp_path / "out", "--quiet")
    assert done.err.startswith("a.csv: taking the texts from column 'review'\nwrote ")


def test_scans_are_resumed_replaced_and_refused(run, refused, model, reviews, tmp_path):
    out = tmp_path / "out"
    command = ("explain", model, "--file", reviews, "-o", out)
    assert "nothing to resume" in run(*command, "--resume").err
    assert "out exists: --resume to go on with a scan, --force to replace it" in refused(*command)
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    assert run(*command, "--resume").code == 0
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before
    assert "begun with another options" in refused(*command, "--resume", "--top", 2)
    assert run(*command, "--force", "--top", 2).code == 0
    assert "both --resume and --force" in refused(*command, "--resume", "--force")
    assert "is not a folder that a scan wrote" in refused(*command[:-1], model, "--force")


def test_options_that_do_not_go_together(refused, model, reviews, tmp_path):
    out = tmp_path / "out"
    for given in (["good film"], ["--file", reviews, "--json"], ["--file", reviews, "--html", out]):
        assert "so it is the folder of a scan" in refused("explain", model, *given, "-o", out)
    for option in (["--top", 3], ["--resume"]):
        assert "belong to a scan" in refused("explain", model, "good film", *option)
    assert "top must be at least 1" in refused("explain", model, "--file", reviews, "-o", out, "--top", 0)
    assert "there is no file" in refused("explain", model, "--file", tmp_path / "none.csv", "-o", out)
    assert "did you mean 'positive'" in refused(
        "explain", model, "--file", reviews, "-o", out, "--target", "postive"
    )
    assert not out.exists()


def test_a_file_without_a_usable_row(refused, model, tmp_path):
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    path.write_text("{broken\n" + json.dumps({"text": "\ud800"}) + "\n")
    said = refused("explain", model, "--file", path, "-o", out)
    assert said.startswith("convlens: a.jsonl: set aside 2 of 2 rows, the first in line 1: broken JSON; none")


def test_over_a_tenth_of_rows_set_aside_is_no_success_unless_it_is_allowed(run, model, tmp_path):
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    path.write_text('{"text": "good"}\n' * 8 + "{broken\n")
    command = ("explain", model, "--file", path, "-o", out)
    for more in ((), ("--resume",)):
        done = run(*command, *more)
        assert done.code == 2
        assert (
            f"wrote {out} (8 documents, 8 scored, 1 parts)\nconvlens: over a tenth of a.jsonl is set"
            in done.err
        )
        assert done.err.endswith("accept the scan with --allow-rejects and --resume\n")
    assert run(*command, "--resume", "--allow-rejects").code == 0
    path.write_text('{"text": "good"}\n' * 9 + "{broken\n")
    assert run(*command, "--force").code == 0


def test_what_says_allow_rejects_takes_it(run, refused, model, tmp_path):
    path, page = tmp_path / "a.jsonl", tmp_path / "page.html"
    path.write_text('{"text": "good"}\n' * 8 + "{broken\n")
    for command in (["explain", model, "--file", path], ["predict", model, "--file", path]):
        assert "go on without them with --allow-rejects" in refused(*command)
        assert run(*command, "--allow-rejects").code == 0
    assert "go on without them with --allow-rejects" in refused("report", model, path, "-o", page)
    assert run("report", model, path, "-o", page, "--allow-rejects").code == 0


def test_the_backend_can_be_forced_and_is_told(run, refused, model, reviews, tmp_path, caplog):
    for backend, said in (
        ("table", "tracing by table"),
        ("numpy", "words by numpy"),
        ("torch", "words by torch"),
    ):
        caplog.clear()
        out = tmp_path / backend
        command = ("explain", model, "--file", reviews, "--backend", backend)
        assert run("--verbose", *command, "-o", out).code == 0
        assert said in caplog.text
        assert json.loads((out / "scan.json").read_text())["fingerprint"]["backend"] == backend
        caplog.clear()
        assert run("--verbose", *command, "--json").code == 0
        assert f"words by {backend}" in caplog.text
    by_table, *others = (read_scan(tmp_path / name)[1].collect() for name in ("table", "numpy", "torch"))
    for other in others:
        assert_frame_equal(by_table, other, abs_tol=1e-5)
    assert "unknown backend 'gpu': choose one of auto, table, numpy, torch" in refused(*command[:-1], "gpu")


def test_malicious_texts_are_kept_as_they_are(run, model, tmp_path):
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    evil = "\x1b[31m nul \x00 <script> \u202egood"
    path.write_text(json.dumps({"text": evil}) + "\n" + json.dumps({"text": "x" * 5_000_000}) + "\n")
    done = run("explain", model, "--file", path, "-o", out)
    assert "\x1b[31m" not in done.err
    words = read_scan(out)[1].collect()
    assert "\x00" in words["text"].to_list()
    assert words["text"].str.len_chars().max() == 5_000_000


def test_progress_tells_speed_and_time_left(classifier, reviews, tmp_path):
    from rich.console import Console

    from convlens.scan import ScanBar, ScanConfig, scan

    said = []

    class Listening(ScanBar):
        def _said(self):
            said.append(super()._said())
            return said[-1]

    path = tmp_path / "a.parquet"
    pl.read_csv(reviews).write_parquet(path)
    bar = Listening(Console(stderr=True))
    scan(classifier, path, tmp_path / "out", ScanConfig(rows=30), watch=bar)
    assert said[0].startswith("30 documents, ")
    assert " documents/s, " in said[0]
    assert " tokens/s, 0:0" in said[0]
    assert said[1].endswith(" 0:00 left")


def test_python_is_quiet_in_logs(monkeypatch, capsys):
    assert type(watch.default_watch()) is watch.ScanWatch
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert type(watch.default_watch()) is watch.ScanBar


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT")
def test_ctrl_c_says_how_to_go_on(run, model, tmp_path):
    path, out = tmp_path / "many.txt", tmp_path / "out"
    path.write_text("a good film, number one\n" * 100_000)
    command = ["explain", model, "--file", path, "-o", out, "--top", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "convlens", *map(str, command)], stderr=subprocess.PIPE, env={**os.environ}
    )
    while not (out / "documents-00000.parquet").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert said.decode() == "convlens: interrupted: go on with the same command and --resume\n"
    assert not json.loads((out / "scan.json").read_text())["complete"]
