"""The IMDb filter paper: verdicts judge what the paper claims, and say what was measured beside it."""

import copy

import pytest
import torch

from convlens.models import DeepTextCNNConfig, build
from convlens.models.deep_config import ConvLayer
from convlens.papers.artifact import DIFFERS, REPRODUCED
from convlens.papers.imdb_filters.figures import _middle, untrained
from convlens.papers.imdb_filters.paper import _cost_of_order, _crowd_row, _crowded, _steps
from convlens.papers.imdb_filters.words import _beside, _kept_row, _lost, _ordered, _took


def crowd(k, columns):
    return {
        "clusters": k,
        "inertia": 1234.6,
        "words": 5,
        "share": 0.5,
        "columns": columns,
        "all_columns": 160,
    }


def means(kept, within, across, random):
    return {"kept": kept, "within": within, "across": across, "random": random}


def test_steps_smaller_than_the_noise_are_ties():
    verdict, why = _steps(means(0.885, 0.883, 0.862, 0.808), 0.014)
    assert verdict == REPRODUCED
    assert "so that kept and within are tied" in why
    assert _steps(means(0.883, 0.885, 0.862, 0.808), 0.014)[0] == REPRODUCED  # reversed, within the noise
    assert "tied" not in _steps(means(0.9, 0.87, 0.84, 0.8), 0.014)[1]


def test_an_order_reversed_beyond_the_noise_or_without_ends_differs():
    verdict, why = _steps(means(0.86, 0.885, 0.862, 0.808), 0.014)
    assert (verdict, why.split(";")[0]) == (DIFFERS, "the order does not hold")
    verdict, why = _steps(means(0.885, 0.884, 0.883, 0.882), 0.014)
    assert (verdict, why.split(";")[0]) == (DIFFERS, "kept is not beyond random")


def test_the_cost_of_order_is_a_share_of_what_training_gains():
    assert _cost_of_order(means(0.9, 0.9, 0.88, 0.8)).endswith(
        "costs 20% of what the trained convolution gains over a random one (theirs 31%)."
    )
    assert _cost_of_order(means(0.8, 0.8, 0.8, 0.8)) == ""


def test_the_largest_cluster_must_hold_all_columns_for_every_k_but_one():
    verdict, ours, why = _crowded([crowd(1, 160), crowd(5, 160), crowd(10, 160), crowd(1000, 0)])
    assert (verdict, ours) == (DIFFERS, "so for 2 of 3 numbers of clusters above 1")
    assert why == "the largest cluster holds all columns with 5 and 10 clusters, but none of them with 1,000"
    assert _crowded([crowd(1, 160), crowd(5, 160)])[0] == REPRODUCED
    assert _crowded([crowd(1, 160), crowd(5, 159)])[::2] == (
        DIFFERS,
        "the largest cluster holds at most 159 of them with 5",
    )


def test_sums_of_squares_stand_beside_theirs():
    assert _crowd_row(crowd(5, 160)) == (5, "85.04%", "50.00%", "160 of 160", "218,924", 1235)
    assert _crowd_row(crowd(1, 160))[4] == "not given"


def test_equation_1_is_judged_by_what_it_loses():
    verdict, why = _lost(0.882, {5.0: 0.8536, 1.0: 0.7526}, 0.013)
    assert verdict == DIFFERS
    assert "2.84 points with 5 % of the words (theirs 0.66) and 12.94 points" in why
    assert _lost(0.882, {5.0: 0.870, 1.0: 0.83}, 0.013)[0] == REPRODUCED
    assert _lost(0.95, {5.0: 0.90, 1.0: 0.90}, 0.013)[0] == DIFFERS  # above their accuracy, but it lost more
    assert "loses 0.96 with 5 % and has 84.22 % right" in _beside(0.882, {5.0: 0.8724, 1.0: 0.8422})


def test_what_was_not_trained_is_not_blank():
    row = {"words": 7, "accuracy": 0.5}
    ways = {"printed": {("all", 100.0): row, ("top", 80.0): row}, "evidence": {("all", 100.0): row}}
    assert _kept_row(100.0, ways) == ("100", 7, "83.19%", "50.00%", "50.00%")
    assert _kept_row(80.0, ways)[3:] == ("50.00%", "not trained")


@pytest.mark.parametrize(("rest", "verdict"), [(0.83, REPRODUCED), (0.86, DIFFERS), (0.9, DIFFERS)])
def test_important_words_must_come_first_beyond_the_noise(rest, verdict):
    found, why = _ordered({"top": 0.871, "all": 0.8976, "random": 0.669, "rest": rest}, 0.015)
    assert found == verdict
    assert ("do not come" in why) == (verdict == DIFFERS)
    assert "they lose 2.66 (theirs 0.91)" in why


def test_epochs_are_told_beside_theirs():
    assert _took({"top": 9.0, "all": 10.0}) == "an epoch takes 0.90 of the time with all words (theirs 0.44)"


@pytest.mark.parametrize(("columns", "verdict"), [(0.4, REPRODUCED), (1.2, DIFFERS)])
def test_columns_must_lie_nearer_to_the_centre_than_words(columns, verdict):
    found, ours, why = _middle({"columns": columns, "words": 1.0, "untrained": 0.3}, 2.0)
    assert found == verdict
    assert ours.startswith(f"filter columns {columns:.2f} as far")
    assert "an untrained network 0.30" in why


def test_an_untrained_copy_has_other_first_filters_only():
    config = DeepTextCNNConfig((ConvLayer(3, 2, 1), ConvLayer(2, 2, 1)), dim=4, length=8, hidden=5)
    network = build(config, 10, 2)
    before, state = copy.deepcopy(network.state_dict()), torch.random.get_rng_state()
    other = untrained(network).state_dict()
    assert torch.equal(torch.random.get_rng_state(), state)
    changed = {name for name in before if not torch.equal(before[name], other[name])}
    assert changed == {"convs.0.weight", "convs.0.bias"}
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert torch.equal(other["convs.0.weight"], untrained(network).state_dict()["convs.0.weight"])
