"""Input optimisation against loops, by itself and beside others; nearest words against brute force."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.units.test_saliency import CONFIGS, LETTERS, random_classifier

from convlens.errors import InputError
from convlens.units import Ascent, Field, Goal, fields, nearest_words, optimise
from convlens.units.optimise import Problem, place_values

FAST = Ascent(l1=0.05, l2=0.3, lr=0.05, steps=20)


def goals_of(model) -> list[Goal]:
    """Places of every layer and region, one of them over the end of its text."""
    rng, found = np.random.default_rng(2), []
    for number, field in enumerate(fields(model.config)):
        size = place_values(model, field, torch.zeros(1, field.width, 3, dtype=torch.float64)).shape[1]
        for words in {field.width, max(field.width - 1, 1)}:
            document = np.arange(2, 2 + words)
            found.append(Goal(field, words, rng.uniform(0, 1, size), document, number))
    return found


def slow_objective(model, goal: Goal, x: torch.Tensor, ascent: Ascent) -> float:
    """Equations 6 and 7 by loops, x (words, d)."""
    whole = torch.cat([x, x.new_zeros(goal.field.width - goal.words, x.shape[1])])
    values = place_values(model, goal.field, whole[None])[0]
    answer = sum(float(a) * float(b) for a, b in zip(goal.activation, values, strict=True))
    squares = sum(float(v) ** 2 for row in x for v in row)
    alike = 0.0
    for one in x:
        for other in x:
            alike += float(one @ other) / float(one.norm() * other.norm())
    return answer - ascent.l1 * squares + ascent.l2 * alike / goal.words


@pytest.mark.parametrize("config", CONFIGS)
@torch.no_grad()
def test_the_objective_is_that_of_the_paper(config):
    model = random_classifier(CONFIGS[config]).model
    goals = goals_of(model)
    x = torch.randn(len(goals), max(g.field.width for g in goals), 3, dtype=torch.float64)
    found = Problem(model, goals, FAST).objective(x)
    for goal, row, value in zip(goals, x, found, strict=True):
        assert float(value) == pytest.approx(slow_objective(model, goal, row[: goal.words], FAST))


@pytest.mark.parametrize("config", CONFIGS)
@torch.no_grad()
def test_the_values_of_a_place_are_those_of_the_network(config):
    model = random_classifier(CONFIGS[config]).model
    for number, field in enumerate(fields(model.config)):
        x = torch.randn(1, field.width, 3, dtype=torch.float64)
        if config == "one layer":
            expected = (torch.einsum("fdn,nd->f", model.convs[number].weight, x[0])) + model.convs[
                number
            ].bias
            expected = expected.relu()
        else:
            expected = list(model.activations(model.extended(x)))[field.layer - 1][0, :, 0, 0]
        torch.testing.assert_close(place_values(model, field, x)[0], expected)


@pytest.mark.parametrize("config", CONFIGS)
def test_all_at_once_is_one_by_one(config):
    model = random_classifier(CONFIGS[config]).model
    goals = goals_of(model)
    together = optimise(model, goals, FAST)
    for goal, found in zip(goals, together, strict=True):
        [alone] = optimise(model, [goal], FAST)
        np.testing.assert_allclose(found.mean, alone.mean, rtol=1e-9, atol=1e-12)
        assert (found.before, found.after) == pytest.approx((alone.before, alone.after))
        assert found.after > found.before


def test_more_than_fit_in_memory_are_taken_in_parts(monkeypatch):
    model = random_classifier(CONFIGS["over time"]).model
    goals = goals_of(model)
    expected = optimise(model, goals, FAST)
    monkeypatch.setattr(sys.modules["convlens.units.optimise"], "NUMBERS", 1)
    for one, other in zip(expected, optimise(model, goals, FAST), strict=True):
        np.testing.assert_allclose(one.mean, other.mean, rtol=1e-9, atol=1e-12)


def test_a_seed_fixes_every_bit_and_starts_differ_by_seed_document_and_place():
    model = random_classifier(CONFIGS["over time"]).model
    goal = goals_of(model)[0]
    [first], [again] = optimise(model, [goal], FAST), optimise(model, [goal], FAST)
    assert first.mean.tobytes() == again.mean.tobytes()
    others = [
        (goal, replace(FAST, seed=1)),
        (replace(goal, place=7), FAST),
        (replace(goal, document=goal.document + 1), FAST),
    ]
    for other, ascent in others:
        assert optimise(model, [other], ascent)[0].before != first.before


def test_where_the_optimum_is_known_it_is_found():
    """One filter over one word, no likeness to speak of: a w / (2 l1) maximises `a (w x + b) - l1 x^2`."""
    classifier = random_classifier(CONFIGS["one layer"], positive=True)
    weight = classifier.model.convs[0].weight.detach()[:, :, 0].numpy()
    goal = Goal(Field(1, 1), 1, np.array([0.5, 0, 1.0, 0]), np.array([3]), 0)
    [found] = optimise(classifier.model, [goal], Ascent(l1=0.5, lr=0.01, steps=3000))
    np.testing.assert_allclose(found.mean, (0.5 * weight[0] + weight[2]) / (2 * 0.5), rtol=1e-4)


def test_nearest_words_are_those_of_brute_force():
    classifier = random_classifier(CONFIGS["over time"])
    with torch.no_grad():
        classifier.model.embed.weight[2 + 3] = 0  # the letter d points nowhere
        classifier.model.embed.weight[2 + 5] = (
            2 * classifier.model.embed.weight[2 + 1]
        )  # f points where b does
    rows = classifier.model.embed.weight.detach().numpy()[2:]
    means = np.random.default_rng(1).normal(size=(6, 3))
    means[0] = rows[5]
    for mean, near in zip(means, nearest_words(classifier, means, 4), strict=True):
        cosines = [
            (-round(float(mean @ row) / float(np.linalg.norm(mean) * np.linalg.norm(row)), 12), i)
            for i, row in enumerate(rows)
            if i != 3
        ]
        expected = sorted(cosines)[:4]
        assert near.words == tuple(LETTERS[i] for _, i in expected)
        np.testing.assert_allclose(near.cosines, [-c for c, _ in expected], atol=1e-9)
        np.testing.assert_array_equal(near.vectors, rows[[i for _, i in expected]])
    assert [len(n.words) for n in nearest_words(classifier, means, 99)] == [9] * 6


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"l1": 0.0}, "l1 must be above 0, got 0.0"),
        ({"lr": -1.0}, "lr must be above 0, got -1.0"),
        ({"l2": -0.1}, "l2 must be at least 0, got -0.1"),
        ({"steps": 0}, "steps must be at least 1, got 0"),
    ],
)
def test_settings_are_checked(wrong, message):
    with pytest.raises(InputError, match=message):
        Ascent(**wrong)
