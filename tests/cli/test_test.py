"""`convlens test`: what it prints, and when it says no."""

import json

import pytest


def test_json_has_everything(run, model, fresh):
    done = run("test", model, fresh, "--json")
    values = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert values["rows"] == 60 == values["data"]["rows"]
    assert values["accuracy"] == sum(values["confusion"][i][i] for i in range(2)) / 60
    assert [one["rows"] for one in values["per_class"]] == [sum(row) for row in values["confusion"]]
    calibration = values["calibration"]
    assert sum(one["answers"] for one in calibration["bins"]) == 60
    assert 0 <= calibration["expected_calibration_error"] <= 1


def test_tables(run, model, fresh):
    done = run("test", model, fresh)
    for part in (
        "test accuracy",
        "true \\ predicted",
        "precision",
        "calibration error",
        "said to be",
        "90-100 %",
    ):
        assert part in done.out


def test_rows_of_the_fit_are_set_aside(run, model, reviews, fresh):
    assert run("test", model, reviews).err.startswith(
        "ALL 60 ROWS OF reviews.csv ARE ROWS THAT THE MODEL WAS TRAINED ON"
    )
    lines = (
        reviews.read_text(encoding="utf-8").splitlines() + fresh.read_text(encoding="utf-8").splitlines()[1:]
    )
    reviews.write_text("\n".join(lines), encoding="utf-8")
    done = run("test", model, reviews, "--json")
    assert "60 training rows set aside" in done.err
    assert json.loads(done.out)["rows"] == 60
    assert json.loads(run("test", model, reviews, "--all-rows", "--json").out)["data"]["trained_on"] == 60


@pytest.fixture
def wrong(fresh):
    """Rows of which the first and the last have the other's label."""
    head, *rows = [line.rsplit(",", 1) for line in fresh.read_text(encoding="utf-8").splitlines()]
    labels = [label for _, label in rows]
    other = labels.index(next(label for label in labels if label != labels[0]))
    rows[0][1], rows[other][1] = labels[other], labels[0]
    fresh.write_text("\n".join(",".join(row) for row in [head, *rows]), encoding="utf-8")
    return fresh


def test_a_measure_that_is_too_low_is_exit_code_1(run, model, wrong):
    assert run("test", model, wrong, "--at-least", "accuracy=0", "--at-least", "macro_f1=0.01").code == 0
    done = run("test", model, wrong, "--at-least", "accuracy=1", "--at-least", "macro_f1=1", "--json")
    accuracy = json.loads(done.out)["accuracy"]
    assert (done.code, accuracy < 1) == (1, True)
    assert f"accuracy is {accuracy:.4f}, and at least 1 was asked for\nmacro_f1 is " in done.err


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("accuracy", "--at-least is NAME=SHARE"),
        ("accuracy=2", "with a share from 0 to 1"),
        ("acuracy=0.5", "did you mean 'accuracy'? the measures are accuracy, macro_f1, majority_baseline"),
        ("rows=0.5", "the measures are accuracy"),
    ],
)
def test_measures_that_are_none(refused, model, fresh, option, sentence):
    assert sentence in refused("test", model, fresh, "--at-least", option)
