import csv
import json
import signal
import subprocess
import sys
import time

import pytest
from tests.cli.conftest import SMALL

from convlens.models import fit, load


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_fit_trains_tests_and_saves(run, reviews, tmp_path):
    done = run("fit", reviews, "-o", tmp_path / "m", *SMALL)
    assert done.code == 0
    assert "test accuracy" in done.out
    assert "always the commonest class: 50.00%" in done.out
    assert "true \\ predicted" in done.out
    assert f'wrote {tmp_path / "m"}; now try: convlens explain {tmp_path / "m"} "a text"' in done.err
    card = (tmp_path / "m" / "README.md").read_text()
    assert "reviews.csv" in card
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m", "reviews.csv"]


def test_fit_prints_json_and_the_same_seed_gives_the_same_bits(run, reviews, tmp_path):
    first = run("fit", reviews, "-o", tmp_path / "a", "--json", *SMALL)
    again = run("fit", reviews, "-o", tmp_path / "b", "--json", *SMALL)
    found = json.loads(first.out)
    assert found["rows"] == 6
    assert set(found) >= {"accuracy", "macro_f1", "majority_baseline", "confusion", "epochs", "seconds"}
    assert json.loads(again.out)["accuracy"] == found["accuracy"]
    a, b = (tmp_path / name / "model.safetensors" for name in "ab")
    assert a.read_bytes() == b.read_bytes()


def test_fit_tells_what_the_simple_alternative_gets(run, reviews, tmp_path, monkeypatch):
    done = run("fit", reviews, "-o", tmp_path / "a", *SMALL)
    assert "TF-IDF of words and pairs with logistic regression: " in done.out
    card = (tmp_path / "a" / "README.md").read_text()
    assert (
        "| accuracy | macro F1 | majority-class baseline | TF-IDF of words and pairs with logistic regression |"
        in card
    )
    found = json.loads(run("fit", reviews, "-o", tmp_path / "b", "--json", *SMALL).out)
    assert set(found["baseline"]) == {"model", "accuracy", "macro_f1", "seconds"}
    assert load(tmp_path / "b").record.test["baseline"]["accuracy"] == found["baseline"]["accuracy"]
    without = run("fit", reviews, "-o", tmp_path / "c", "--no-baseline", *SMALL)
    assert "TF-IDF" not in without.out + (tmp_path / "c" / "README.md").read_text()
    wrong = ["--epochs", "1", "--lr", "1e-9", "--regions", "2", "--filters", "1", "--dim", "2", "--quiet"]
    slow = run("fit", reviews, "-o", tmp_path / "d", *wrong)
    assert "logistic regression is right more often on these rows (100.00% against " in slow.err


def test_ctrl_c_in_the_baseline_keeps_the_model(run, reviews, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("convlens.cli.saving.tf_idf_baseline", interrupt)
    done = run("fit", reviews, "-o", tmp_path / "m", *SMALL)
    assert (done.code, load(tmp_path / "m").record.test["rows"]) == (0, 6)
    assert "interrupted: the model is kept" in done.err


def test_settings_reach_the_model(run, reviews, tmp_path):
    options = ["--filters", "3,5", "--no-filter-bias", "--keep-case", "--tokenizer", "whitespace"]
    assert run("fit", reviews, "-o", tmp_path / "m", *SMALL, *options, "--class-weights").code == 0
    classifier = load(tmp_path / "m")
    assert classifier.model.config.counts == (3, 5)
    assert classifier.model.convs[0].bias is None
    assert "music." in classifier.tokenizer.words
    assert "A" in classifier.tokenizer.words
    assert classifier.record.settings["train"]["class_weights"]


def test_an_end_before_the_loss_stopped_falling_is_told_where_nobody_chose_it(run, reviews, tmp_path):
    slow = [*SMALL[:6], "--lr", "1e-5", "--vector-dropout", "0", "--quiet"]
    told = "the validation loss was still falling after 20 epochs: more may do better (--epochs)"
    assert told in run("fit", reviews, "-o", tmp_path / "m", *slow).err
    assert "still falling" not in run("fit", reviews, "-o", tmp_path / "n", *slow, "--epochs", "20").err
    assert "still falling" not in run("fit", reviews, "-o", tmp_path / "o", *SMALL[:6], "--lr", "0.1").err


def test_vectors_are_used_and_their_coverage_is_told(run, reviews, tmp_path):
    (tmp_path / "tiny.txt").write_text("good 1 0 2\nfilm 0 1 0\n", encoding="utf-8")
    done = run("fit", reviews, "-o", tmp_path / "m", "--vectors", tmp_path / "tiny.txt", *SMALL[:-1])
    assert "tiny.txt, tuned, for " in done.err
    assert load(tmp_path / "m").model.config.dim == 3


def test_test_data_can_be_given_and_their_labels_must_be_known(run, refused, reviews, tmp_path):
    test = write(
        tmp_path / "test.csv", [("text", "label"), ("a great film", "positive"), ("dull", "negative")]
    )
    done = run("fit", reviews, "--test", test, "-o", tmp_path / "m", "--json", *SMALL)
    assert json.loads(done.out)["rows"] == 2
    odd = write(tmp_path / "odd.csv", [("text", "label"), ("a great film", "so-so"), ("dull", "negative")])
    message = refused("fit", reviews, "--test", odd, "-o", tmp_path / "n", *SMALL)
    assert "odd.csv has labels that are unknown in training: 'so-so' (1 rows)" in message
    assert not (tmp_path / "n").exists()


def test_rows_set_aside_are_told_and_written(run, reviews, tmp_path):
    with reviews.open("a", encoding="utf-8") as file:
        file.write(",positive\n")
    done = run("fit", reviews, "-o", tmp_path / "m", "--rejects", tmp_path / "r.jsonl", *SMALL)
    assert "reviews.csv: set aside 1 of 61 rows, the first in line 62: no text" in done.err
    row = json.loads((tmp_path / "r.jsonl").read_text())
    assert row == {"source": "reviews.csv", "line": 62, "reason": "no text", "row": ",positive"}


def test_many_bad_rows_stop_the_run_unless_allowed(run, refused, reviews, tmp_path):
    with reviews.open("a", encoding="utf-8") as file:
        file.write(",positive\n" * 10)
    message = refused("fit", reviews, "-o", tmp_path / "m", *SMALL)
    assert "10 of 70 rows cannot be used (10 no text; the first is line 62" in message
    assert "--allow-rejects" in message
    assert run("fit", reviews, "-o", tmp_path / "m", "--allow-rejects", *SMALL).code == 0


ROWS = [("text", "label"), *[("a good film", "pos"), ("a bad film", "neg")] * 10]
BAD = {
    "missing": (None, "there is no file"),
    "empty": ("", "is empty: expected a line of column names"),
    "header-only": ("text,label\n", "has column names but no rows"),
    "columns": ("body,stars,when\na,1,2\n", "name it with --label; the columns are 'body', 'stars', 'when'"),
    "one-class": ("text,label\n" + "a film,pos\n" * 9, "all 9 rows have the label 'pos'"),
    "one-row": ("text,label\nx,neg\n" + "a film,pos\n" * 9, "the class 'neg' has only one row"),
    "binary": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "is a PNG picture, not a text file"),
    "latin": (
        ("text,label\n" + "grün,a\nrot,b\n" * 9).encode("latin-1"),
        "rows are not UTF-8, the first in line 2: convert it, for example with iconv -f LATIN1",
    ),
    "utf16": (
        ("text,label\n" + "grün,a\nrot,b\n" * 9).encode("utf-16"),
        "is UTF-16LE, not UTF-8: convert it",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_data_gets_one_sentence_and_leaves_nothing(refused, tmp_path, name):
    content, message = BAD[name]
    path = tmp_path / "data.csv"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert message in refused("fit", path, "-o", tmp_path / "m", *SMALL)
    assert [p.name for p in tmp_path.iterdir()] == ([] if content is None else ["data.csv"])


def test_folders_names_and_columns_that_are_not_there(refused, reviews, tmp_path):
    assert "is a folder" in refused("fit", tmp_path, "-o", tmp_path / "m")
    message = refused("fit", reviews, "--label", "lable", "-o", tmp_path / "m")
    assert message.endswith(
        "reviews.csv has no column 'lable': did you mean 'label'? its columns are 'text', 'label'"
    )
    message = refused("fit", "agnews", "-o", tmp_path / "m")
    assert "'agnews' is neither a file nor a data set: did you mean ag_news?" in message


def test_settings_and_targets_are_checked_before_any_work(refused, run, reviews, model, tmp_path):
    assert "exists: give another path, or --force" in refused("fit", reviews, "-o", model, *SMALL)
    assert "is not a model folder" in refused("fit", reviews, "-o", reviews, "--force", *SMALL)
    assert "cannot write" in refused("fit", reviews, "-o", reviews / "m", *SMALL)
    assert "--regions takes whole numbers" in refused("fit", reviews, "-o", tmp_path / "m", "--regions", "a")
    assert "lr must be positive" in refused("fit", reviews, "-o", tmp_path / "m", "--lr", "0")
    assert run("fit", reviews, "-o", model, "--force", *SMALL).code == 0


def test_usage_errors_end_with_2(run, reviews):
    done = run("fit", reviews)
    assert done.code == 2
    assert "Missing option" in done.err


def test_ctrl_c_keeps_the_best_model_so_far(run, reviews, tmp_path, monkeypatch):
    def interrupted(corpus, config, **options):
        class Stop(type(options["watch"])):
            def on_epoch(self, number, epoch):
                raise KeyboardInterrupt

        return fit(corpus, config, **{**options, "watch": Stop()})

    monkeypatch.setattr("convlens.cli.fit.train", interrupted)
    done = run("fit", reviews, "-o", tmp_path / "m", *SMALL)
    assert (done.code, "keeping the best weights so far" in done.err) == (0, True)
    assert len(load(tmp_path / "m").record.epochs) == 1


def test_ctrl_c_before_the_first_epoch_leaves_nothing(run, reviews, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("convlens.cli.fit.train", interrupted)
    done = run("fit", reviews, "-o", tmp_path / "m", *SMALL)
    assert (done.code, done.err) == (130, "convlens: interrupted\n")
    assert [p.name for p in tmp_path.iterdir()] == ["reviews.csv"]


def test_a_killed_run_goes_on_with_resume(run, reviews, tmp_path):
    long = [*SMALL, "--epochs", "120", "--patience", "120"]
    target, state = tmp_path / "killed", tmp_path / ".killed.partial" / "state.json"
    command = [sys.executable, "-m", "convlens", "fit", str(reviews), "-o", str(target), *long]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while not state.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert state.exists()
    assert not target.exists()
    assert run("fit", reviews, "-o", target, "--resume", *long).code == 0
    assert run("fit", reviews, "-o", tmp_path / "whole", *long).code == 0
    killed, whole = (tmp_path / name / "model.safetensors" for name in ("killed", "whole"))
    assert killed.read_bytes() == whole.read_bytes()
    assert not state.exists()
    assert "is there already, whole: nothing to resume" in run("fit", reviews, "-o", target, "--resume").err
    done = run("fit", reviews, "-o", tmp_path / "fresh", "--resume", *SMALL)
    assert f"nothing to resume for {tmp_path / 'fresh'}" in done.err


def test_folds_and_seeds_give_mean_and_spread(run, refused, reviews, tmp_path):
    done = run("fit", reviews, "-o", tmp_path / "a", "--folds", "3", *SMALL)
    for part in (
        "3 folds: mean and standard deviation",
        "macro F1",
        "TF-IDF with logistic regression, accuracy",
    ):
        assert part in done.out
    found = json.loads(run("fit", reviews, "-o", tmp_path / "b", "--seeds", "2", "--json", *SMALL).out)
    assert (found["repeats"]["over"], len(found["repeats"]["runs"])) == ("seeds", 2)
    assert "give one of them" in refused(
        "fit", reviews, "-o", tmp_path / "c", "--folds", "3", "--seeds", "2", *SMALL
    )
    assert "folds must be from 2" in refused("fit", reviews, "-o", tmp_path / "c", "--folds", "1", *SMALL)
    assert not (tmp_path / "c").exists()
