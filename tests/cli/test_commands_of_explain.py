"""`convlens scan` and `convlens units`: the same as their former spellings of `convlens explain`, and what they refuse."""

import json
from functools import partial

import pytest

from convlens.models import save

TEXT = "A good film, number 3, with some music."
SCAN_OPTIONS = ("--top", "--resume", "--summary", "--engine", "--address", "--workers", "--quiet")
UNIT_OPTIONS = ("--hidden", "--layer", "--seed")


@pytest.fixture
def few_steps(monkeypatch):
    """A short ascent: the words that units stand for are tested elsewhere."""
    import convlens.cli.hidden as module

    monkeypatch.setattr(module, "Ascent", partial(module.Ascent, steps=5))


def content(folder):
    """The bytes of the files of a folder, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--top", 3, "--target", "negative"),
        ("--summary", "--text", "label"),
        ("--method", "ngrams", "--backend", "torch"),
    ],
)
def test_a_scan_writes_what_explain_wrote(run, model, reviews, tmp_path, options):
    former, folder = tmp_path / "former", tmp_path / "scan"
    before = run("explain", model, "--file", reviews, "-o", former, "--quiet", *options)
    after = run("scan", model, reviews, "-o", folder, "--quiet", *options)
    assert before.code == after.code == 0
    assert after.err == before.err.replace(str(former), str(folder))
    assert content(folder) == content(former)


def test_each_spelling_goes_on_with_a_scan_of_the_other(run, refused, model, reviews, tmp_path):
    former = ("explain", model, "--file", reviews, "-o", tmp_path / "out", "--quiet")
    command = ("scan", model, reviews, "-o", tmp_path / "out", "--quiet")
    for begin, resume in ((former, command), (command, former)):
        assert run(*begin, "--top", 3, "--force").code == 0
        whole = content(tmp_path / "out")
        (tmp_path / "out" / "words-00000.parquet").unlink()
        assert "begun with another options" in refused(*resume, "--resume")
        assert run(*resume, "--top", 3, "--resume").code == 0
        assert content(tmp_path / "out") == whole


def test_a_scan_says_what_is_wrong_in_a_sentence(run, refused, model, reviews, tmp_path):
    command = ("scan", model, reviews, "-o", tmp_path / "out")
    table = tmp_path / "out.Parquet"
    assert "give a name without .Parquet, or call 'convlens explain MODEL --file" in refused(
        "scan", model, reviews, "-o", table
    )
    assert "unknown engine 'spark': choose one of local, ray" in refused(*command, "--engine", "spark")
    assert "belong to the engine 'ray'" in refused(*command, "--workers", 2)
    assert "did you mean 'ngrams'?" in refused(*command, "--method", "ngram")
    assert "unknown backend 'gpu'" in refused(*command, "--backend", "gpu")
    assert "did you mean 'positive'" in refused(*command, "--target", "postive")
    assert "top must be at least 1" in refused(*command, "--top", 0)
    assert "both --resume and --force" in refused(*command, "--resume", "--force")
    assert "there is no file" in refused("scan", model, tmp_path / "none.csv", "-o", tmp_path / "out")
    assert "no model at" in refused("scan", tmp_path / "none", reviews, "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    for wrong in (("scan", model, reviews), ("scan", model, "-o", tmp_path / "out")):
        assert run(*wrong).code == 2


def test_a_scan_of_rows_set_aside_is_no_success_unless_it_is_allowed(run, model, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "good"}\n' * 8 + "{broken\n")
    command = ("scan", model, path, "-o", tmp_path / "out", "--quiet")
    done = run(*command)
    assert (done.code, "over a tenth of a.jsonl is set aside" in done.err) == (2, True)
    assert run(*command, "--resume", "--allow-rejects").code == 0


@pytest.mark.usefixtures("few_steps")
def test_units_are_those_of_explain_hidden(run, model, tmp_path):
    for options in ((), ("--json",), ("--top", 2, "--seed", 4, "--target", "negative", "--json")):
        assert run("units", model, TEXT, "", *options) == run(
            "explain", model, TEXT, "", "--hidden", *options
        )
    assert "hidden units for positive" in run("units", model, TEXT).out
    former, page = tmp_path / "former.html", tmp_path / "units.html"
    before = run("explain", model, TEXT, "--hidden", "--html", former)
    after = run("units", model, TEXT, "--html", page)
    assert after.err == before.err.replace(str(former), str(page))
    assert page.read_bytes() == former.read_bytes()


@pytest.mark.usefixtures("few_steps")
def test_units_of_a_file_and_of_a_deeper_layer(run, deep_classifier, tmp_path):
    save(deep_classifier, tmp_path / "deep")
    (tmp_path / "new.csv").write_text(f'id,post\n1,"{TEXT}"\n2,dull\n')
    source = ("--file", tmp_path / "new.csv", "--text", "post", "--layer", 2, "--json")
    done = run("units", tmp_path / "deep", *source)
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert [(answer["text"], answer["line"]) for answer in answers] == [(TEXT, 2), ("dull", 3)]
    assert {unit["layer"] for answer in answers for unit in answer["units"]} == {2}
    assert run("explain", tmp_path / "deep", "--hidden", *source).out == done.out


def test_units_say_what_is_wrong_in_a_sentence(run, refused, model, reviews, tmp_path):
    assert "there is no layer 2: the model has one" in refused("units", model, TEXT, "--layer", 2)
    assert "layer must be at least 1" in refused("units", model, TEXT, "--layer", 0)
    assert "top must be at least 1" in refused("units", model, TEXT, "--top", 0)
    assert "exists" in refused("units", model, TEXT, "--html", reviews)
    assert "unknown label" in refused("units", model, TEXT, "--target", "x")
    assert "give one of them" in refused("units", model, TEXT, "--file", reviews)
    assert "no model at" in refused("units", tmp_path / "none", TEXT)
    assert run("units", model, TEXT, "--method", "words").code == 2


def test_explain_names_the_commands_that_took_its_options(run, refused, model):
    shown = run("explain", "--help").out
    assert "'convlens scan'" in shown
    assert "'convlens units'" in shown
    assert not [option for option in (*SCAN_OPTIONS, *UNIT_OPTIONS) if option in shown]
    assert all(option in run("scan", "--help").out for option in SCAN_OPTIONS)
    assert all(option in run("units", "--help").out for option in ("--layer", "--seed", "--top"))
    assert "call 'convlens scan MODEL FILE -o FOLDER'" in refused("explain", model, TEXT, "--workers", 2)
    assert "call 'convlens scan MODEL FILE -o FOLDER'" in refused("explain", model, TEXT, "-o", "folder")
    assert "call 'convlens units'" in refused("explain", model, TEXT, "--layer", 1)
