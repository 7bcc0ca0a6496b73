"""A model of several labels at once: trained, asked and explained by commands, as a whole and label by label."""

import csv
import json
import random
from pathlib import Path

import pytest

from convlens.models import load

CUES = {"joy": ["happy", "smile"], "anger": ["furious", "shout"], "fear": ["afraid", "dark"]}
FILL = ["the", "a", "of", "and", "to", "in", "it", "with", "day", "night", "street", "house"]
SMALL = [
    "--regions",
    "1,2",
    "--filters",
    "8",
    "--dim",
    "8",
    "--lr",
    "0.03",
    "--epochs",
    "25",
    "--patience",
    "25",
    "-q",
]


def rows(count: int, seed: int):
    rng = random.Random(seed)
    for _ in range(count):
        labels = [label for label in CUES if rng.random() < 0.4]
        words = rng.choices(FILL, k=8) + [rng.choice(CUES[label]) for label in labels]
        rng.shuffle(words)
        yield " ".join(words), labels


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("several") / "moods.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows([text, "; ".join(labels)] for text, labels in rows(500, 1))
    return path


@pytest.fixture(scope="module")
def moods(data) -> Path:
    """A model, fitted by the command in a process of its own fixture."""
    from convlens.cli import main

    folder = data.with_name("model")
    with pytest.raises(SystemExit) as end:
        main(["fit", str(data), "-o", str(folder), "--label-separator", ";", *SMALL])
    assert not end.value.code
    return folder


def test_sets_are_learned_and_measured(run, data, tmp_path):
    done = run("fit", data, "-o", tmp_path / "m", "--label-separator", ";", *SMALL, "--json")
    metrics = json.loads(done.out)
    assert metrics["labels"] == ["anger", "fear", "joy"]
    assert metrics["accuracy"] > 0.9 > metrics["majority_baseline"]
    assert min(metrics["micro_f1"], metrics["label_accuracy"]) > 0.9
    assert sum(of_label["rows"] for of_label in metrics["per_label"]) > 0
    card = (tmp_path / "m" / "README.md").read_text()
    assert "gives a text any of the labels anger, fear" in card
    assert "macro F1" in card
    shown = run("fit", data, "-o", tmp_path / "n", "--label-separator", ";", *SMALL, "--class-weights")
    assert "exactly right" in shown.out
    assert "anger" in shown.out


def test_predictions_are_sets_with_probabilities_of_their_own(run, moods):
    texts = ["a happy day of dark night", "the street", "furious"]
    lines = run("predict", moods, *texts).out.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["fear;joy", "", "anger"]
    values = [json.loads(line) for line in run("predict", moods, *texts, "--json").out.splitlines()]
    assert [value["labels"] for value in values] == [["fear", "joy"], [], ["anger"]]
    for value in values:
        assert all((value["probabilities"][label] > 0.5) == (label in value["labels"]) for label in CUES)
    assert lines[0].split("\t")[1].split(";")[0] == f"{values[0]['probabilities']['fear']:.4f}"


def test_explanations_are_those_of_each_label(run, moods):
    text = "a happy day of dark night"
    of_top = json.loads(run("explain", moods, text, "--json").out)
    of_fear = json.loads(run("explain", moods, text, "--target", "fear", "--json").out)
    assert of_top["predicted_labels"] == ["fear", "joy"]
    assert of_fear["target"] == "fear"
    assert of_top["residual"] < 1e-5
    strongest = max(zip(of_fear["tokens"], of_fear["scores"], strict=True), key=lambda pair: pair[1][1])
    assert strongest[0]["text"] == "dark"
    assert "fear; joy" in run("explain", moods, text).out
    assert "no label" in run("explain", moods, "the street").out


def test_every_command_answers_for_one_label_or_says_that_it_must(run, refused, moods, data, tmp_path):
    def do(*arguments):
        done = run(*arguments)
        assert done.code == 0, done
        return done.out

    one = ["--of-label", "fear"]
    asked = {
        "attack": [data, "--attack", "swap", "--documents", "4", "-q", "--all-rows"],
        "evaluate": [data, "--documents", "4", "-q", "--all-rows"],
        "report": [data, "-o", tmp_path / "page.html", "-q", "--all-rows"],
        "edit": [data, "-o", tmp_path / "edited", "--disable", "word:dark"],
        "prune": [data, "-o", tmp_path / "small", "--thresholds", "auto"],
    }
    for command, arguments in asked.items():
        assert "--of-label" in refused(command, moods, *arguments)
        assert "unknown label 'rage'" in refused(command, moods, *arguments, "--of-label", "rage")
        do(command, moods, *arguments, *one)
    do("prune", moods, data, "-o", tmp_path / "fewer", "--words", "50%", *one)
    cards = [json.loads(line) for line in do("filters", moods, data, "-q", "--json").splitlines()]
    assert {card["class"] for card in cards} <= set(CUES)
    assert any(card["threshold"] for card in cards)
    do("words", moods, data, "--by", "fear")
    do("scan", moods, data, "-o", tmp_path / "scores", "-q", "--summary")
    do("units", moods, "a happy day")
    assert load(tmp_path / "edited").labels == ("not fear", "fear")
    assert "compares the classes" in refused("explain", moods, "happy", "--method", "loss-change")


def test_one_label_of_the_model_is_what_the_whole_says(moods):
    whole = load(moods)
    texts = [text for text, _ in rows(40, 2)]
    logits = whole.logits(texts)
    for number, label in enumerate(whole.labels):
        one = whole.of_label(label)
        assert abs(one.logits(texts) - logits[:, [number, number]] * [-0.5, 0.5]).max() < 1e-6
        assert abs(one.predict_proba(texts)[:, 1] - whole.predict_proba(texts)[:, number]).max() < 1e-6
        assert [label in labels for labels in whole.predict_sets(texts)] == [
            answer == label for answer in one.predict(texts)
        ]


def test_sets_where_one_is_wanted_and_the_other_way_round(refused, moods, saved, data, toy_reviews, tmp_path):
    new = ["-o", tmp_path / "m"]
    listed = tmp_path / "lists.jsonl"
    listed.write_text('{"text": "happy", "label": ["joy"]}\n' * 4)
    assert "--label-separator reads several labels" in refused("fit", listed, *new)
    assert "letters, digits" in refused("fit", data, *new, "--label-separator", "a")
    assert "at least two" in refused("fit", listed, *new, "--label-separator", ";")
    assert "one output cannot tell apart" in refused(
        "fit", data, *new, "--label-separator", ";", "--one-logit"
    )
    assert "needs no choice" in refused("attack", saved, toy_reviews, "--of-label", "pos")
    assert "unknown in training" in refused("attack", moods, toy_reviews, "--of-label", "fear")
    rare = tmp_path / "rare.csv"
    rare.write_text("text,label\n" + "happy,joy\n" * 8 + "dark,joy;fear\n" + "grey,\n" * 3)
    assert "'fear'" in refused("fit", rare, *new, "--label-separator", ";")
