"""The rows that a model was trained on, which commands find again."""

from tests.cli.conftest import SMALL

from convlens.models import load


def test_a_fit_records_how_its_test_rows_were_chosen(run, reviews, tmp_path):
    assert run("fit", reviews, "-o", tmp_path / "m", *SMALL, "--test-share", "0.2", "--seed", "3").code == 0
    held = load(tmp_path / "m").record.held_out
    assert (held.by, held.share, held.seed, held.source) == ("share", 0.2, 3, "reviews.csv")
    assert run("fit", reviews, "-o", tmp_path / "n", *SMALL, "--test", reviews).code == 0
    held = load(tmp_path / "n").record.held_out
    assert (held.by, held.share, held.seed, held.train) == ("file", None, None, held.test)
