"""What the verdicts on Xu & Du rest on: at equal share, by more than noise, and told where it does not hold."""

import numpy as np
import pytest

from convlens.data import Corpus, Splits
from convlens.evaluate import spearman
from convlens.explain import loss_change
from convlens.papers import ArtifactStore
from convlens.papers.artifact import DIFFERS, REPRODUCED
from convlens.papers.xudu2020.models import ACCURACY, ACCURACY_WITHOUT, NAMES, RATIO2, SIZES
from convlens.papers.xudu2020.ngrams import figure3, judge_counts
from convlens.papers.xudu2020.paper import figure6, judge_orders
from convlens.papers.xudu2020.table1 import judge_features, table1


def features(lost, *, gone=0.9, chosen=0.8):
    """Table 1 of one model: `lost` accuracy at their share, `gone` of it, and the share that a chosen epsilon removes."""

    def made(ratio2, lost):
        kept = {"accuracy": 0.9, "accuracy_without": 0.9 - lost}
        return {"epsilon": 0.1, "ratio1": 0.6, "ratio2": ratio2, "ratio3": 0.5, **kept}

    return {"theirs": made(0.9, 0.2), "share": made(gone, lost), "auto": made(chosen, 0.001)}


def grid(ag, imdb):
    return {(data, k): features(lost) for data, lost in (("ag_news", ag), ("imdb", imdb)) for k in (30, 150)}


def store(tmp_path, parts, **data):
    """A store whose parts are made, and whose data sets are these."""
    made = ArtifactStore(tmp_path, quick=True)
    for name, content in parts.items():
        made.part(name, lambda content=content: content)
    made.loaded.update(data)
    return made


def corpus(texts, labels, names):
    both = Corpus(tuple(texts), tuple(labels), tuple(names), "toy")
    return Splits(both, both)


def test_the_paper_loses_little_once_features_are_removed():
    lost = [a - b for data in NAMES for a, b in zip(ACCURACY[data], ACCURACY_WITHOUT[data], strict=True)]
    assert len(lost) == 2 * len(SIZES)
    assert np.mean(lost) == pytest.approx(0.605, abs=0.001)


@pytest.mark.parametrize(
    ("ag", "imdb", "verdict"), [(0.0, 0.0, REPRODUCED), (0.06, 0.0, DIFFERS), (0.0, 0.06, DIFFERS)]
)
def test_features_are_judged_in_each_data_set_at_equal_share(ag, imdb, verdict):
    noise = dict.fromkeys(NAMES, 1.0)
    ours, found, why = judge_features(grid(ag, imdb), noise)
    assert found == verdict
    assert why.count("not held") == (verdict == DIFFERS)
    assert f"{50 * (ag + imdb):.2f} points are lost on average" in ours
    assert "60.0% are stopped by the ReLU anyway, and of the others 50.0% go" in why


def test_what_is_lost_within_noise_is_not_held_against_a_model():
    found = grid(0.02, 0.0)
    assert judge_features(found, {"ag_news": 0.5, "imdb": 0.5})[1] == DIFFERS
    assert judge_features(found, {"ag_news": 2.5, "imdb": 0.5})[1] == REPRODUCED


def test_table1_shows_their_accuracies_and_what_does_not_hold(tmp_path):
    parts = {f"xu-du-features-{data}-{k}": features(0.0) for data in NAMES for k in (30, 150)}
    parts["xu-du-features-ag_news-150"] = features(0.0, chosen=0.0)
    toy = corpus(["a b"] * 50, [0] * 50, ["x"])
    body = table1(store(tmp_path, parts, ag_news=toy, imdb=toy)).body
    assert "| 90.29 / 70.00 |" in body  # their row RQ2 beside ours
    assert "so that the chosen one removes nothing, at k = 150 of AG's News.\n" in body
    assert RATIO2["imdb"][0] < 60 < RATIO2["imdb"][2]
    assert "stops more of ours than they remove at k = 30 of IMDb.\n" in body


@pytest.mark.parametrize(("marked", "verdict"), [(1, DIFFERS), (2, DIFFERS), (3, REPRODUCED)])
def test_most_of_the_news_must_have_ngrams(tmp_path, marked, verdict):
    rows = [{"text": "t", "predicted": "a", "ngrams": ["n"] if i < marked else []} for i in range(4)]
    parts = {"xu-du-figure3": rows, "xu-du-features-ag_news-150": features(0.0)}
    found = figure3(store(tmp_path, parts, ag_news=corpus("abcd", range(4), "abcd")))
    assert found.verdict == verdict
    assert found.body.count(" none |") == 4 - marked


def test_counts_are_told_and_judged_by_range_and_regions():
    counts = [1000, *[10] * 8, 0]
    held, why = judge_counts(counts, {"3": 0.4, "4": 0.3, "5": 0.3})
    assert held
    assert "most has 93%, and half of all are in 1 of 10 filters" in why
    assert "half of all are in 6 of 11 filters" in judge_counts([5] * 11, {"3": 0.4, "5": 0.3})[1]
    assert not judge_counts(counts, {"3": 0.3, "4": 0.3, "5": 0.4})[0]
    assert not judge_counts([*counts, 999][1:], {"3": 0.4, "4": 0.3, "5": 0.3})[0]
    assert not judge_counts(counts[:-1], {"3": 0.4, "4": 0.3, "5": 0.3})[0]


@pytest.mark.parametrize(
    ("truth", "told", "agreed", "verdict"),
    [("pos", "wrongly", [-0.1, 0.9], DIFFERS), ("neg", "correctly", [0.2, 1.0], REPRODUCED)],
)
def test_the_views_are_judged_over_many_texts_and_the_shown_one_by_its_truth(
    tmp_path, truth, told, agreed, verdict
):
    parts = {
        "xu-du-figure6": {"label": "neg", "correlation": 0.99, "picture": "<svg/>"},
        "xu-du-figure6-agreement": agreed,
    }
    names = ["neg", "pos"]
    other = names[1 - names.index(truth)]
    texts, labels = ["short", "l" * 300, "m" * 250], [names.index(n) for n in (other, other, truth)]
    found = figure6(store(tmp_path, parts, imdb=corpus(texts, labels, names)))
    assert found.verdict == verdict
    assert f"which is {truth} and {told} classified as neg" in found.body


def test_of_two_classes_the_global_view_rises_with_the_difference_of_cells():
    rng = np.random.default_rng(0)
    cells = rng.normal(size=(30, 2)) / 10
    whole = loss_change(cells, np.array([0.3, -0.2]))
    assert spearman(whole[:, 0], cells[:, 0] - cells[:, 1]) == pytest.approx(1)
    assert spearman(whole[:, 0], cells[:, 0]) < 0.95


def test_orders_are_judged_by_leads_above_noise():
    rates = {(data, 30): {"words": 0.6, "sensitivity-l2": 0.3} for data in NAMES}
    few, many = ({key: count for key in rates} for count in (10, 1000))
    assert judge_orders(rates, many)[0] == REPRODUCED
    assert judge_orders(rates, few)[0] == DIFFERS
    verdict, why = judge_orders({**rates, ("imdb", 30): {"words": 0.31, "sensitivity-l2": 0.3}}, many)
    assert verdict == DIFFERS
    assert "in 1 of 2 models, most narrowly by 1.0 points" in why
    assert "differ most on AG's News (gradient -31 points from theirs, B -6)" in why
