"""Inputs that a place of a hidden layer answers to most (Yuan et al. 2019, equations 5 to 7)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from convlens.arguments import check_settings
from convlens.errors import InputError
from convlens.models import TextCNN, TextModel, layered
from convlens.units.fields import Field, fields

NUMBERS = 2**24  # of the inputs optimised at once: bounds memory


@dataclass(frozen=True)
class Ascent:
    """The settings of the optimisation: the paper's for MR, but for `lr` and `steps`.

    The paper's step size is 2e-4, its steps are not given: 1,000 are far from any peak (docs/hidden-units.md). `l1` weighs the squared length of the input, `l2` its words' likeness (AG's News: 0.002 and 0.01).
    """

    l1: float = 0.004
    l2: float = 0.02
    lr: float = 0.02
    steps: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self)
        for name in ("l1", "lr"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} must be above 0, got {getattr(self, name)}")
        if not self.l2 >= 0:
            raise InputError(f"l2 must be at least 0, got {self.l2}")
        if self.steps < 1:
            raise InputError(f"steps must be at least 1, got {self.steps}")


@dataclass(frozen=True, eq=False)
class Goal:
    """A place to optimise an input for: its field, the words of the text it sees (m of them: `ids`), and a_ij.

    `document` and `place` tell it from all others, so that its random start depends on nothing else.
    """

    field: Field
    words: int
    activation: NDArray[np.floating[Any]]
    document: NDArray[np.int64]
    place: int


@dataclass(frozen=True, eq=False)
class Optimum:
    """The mean (d,) of the optimised input's words, and the objective at the start and at the end."""

    mean: NDArray[np.floating[Any]]
    before: float
    after: float


def optimise(model: TextModel, goals: Sequence[Goal], ascent: Ascent | None = None) -> list[Optimum]:
    """Maximise `a_ij · a'_ij - l1 ||X'||^2 + l2 Sim(X')` over X', the words in the field of each goal.

    All goals are one tensor with one Adam: their objectives are summed, so none moves another. Where a field
    reaches beyond the end of its text, zeros stay zeros.
    """
    ascent = ascent or Ascent()
    widest = max((goal.field.width for goal in goals), default=1)
    most = max(NUMBERS // (widest * model.embed.embedding_dim), 1)
    parts = (_together(model, goals[i : i + most], ascent) for i in range(0, len(goals), most))
    return [optimum for part in parts for optimum in part]


def _together(model: TextModel, goals: Sequence[Goal], ascent: Ascent) -> list[Optimum]:
    weight = model.embed.weight
    problem = Problem(model.eval(), goals, ascent)
    x = _starts(goals, weight.shape[1], ascent.seed).to(weight).requires_grad_()
    adam = torch.optim.Adam([x], lr=ascent.lr, betas=(0.9, 0.999), maximize=True)
    before = problem.objective(x.detach())
    for _ in range(ascent.steps):
        with torch.enable_grad():
            [x.grad] = torch.autograd.grad(problem.objective(x).sum(), x)
        adam.step()
    best = x.detach()
    after, means = problem.objective(best), problem.means(best)
    return [
        Optimum(mean, first, last)
        for mean, first, last in zip(means.cpu().numpy(), before.tolist(), after.tolist(), strict=True)
    ]


class Problem:
    """The objective of P goals over inputs (P, N, d), N the widest field."""

    def __init__(self, model: TextModel, goals: Sequence[Goal], ascent: Ascent) -> None:
        self.model, self.ascent = model, ascent
        weight = model.embed.weight
        self.words = torch.tensor([g.words for g in goals]).to(weight)  # (P,): N of the paper
        widest = max(g.field.width for g in goals)
        held = torch.arange(widest, device=weight.device) < self.words[:, None]
        self.held = held[..., None].to(weight)  # (P, N, 1)
        self.groups = []
        for field in sorted({g.field for g in goals}, key=lambda f: (f.layer, f.width)):
            rows = [i for i, goal in enumerate(goals) if goal.field == field]
            targets = torch.from_numpy(np.stack([goals[i].activation for i in rows])).to(weight)
            self.groups.append((field, torch.tensor(rows, device=weight.device), targets))

    def objective(self, x: Tensor) -> Tensor:  # (P, N, d) -> (P,)
        """Equation 6; Sim is the sum over all pairs of cosines, each word with itself too, over N (equation 7)."""
        x = x * self.held
        answer = x.new_zeros(len(x))
        for field, rows, targets in self.groups:
            values = place_values(self.model, field, x[rows, : field.width])  # (R, F)
            answer = answer.index_add(0, rows, (targets * values).sum(1))
        alike = F.normalize(x, dim=2).sum(1).square().sum(1) / self.words
        return answer - self.ascent.l1 * x.square().sum((1, 2)) + self.ascent.l2 * alike

    def means(self, x: Tensor) -> Tensor:  # (P, N, d) -> (P, d)
        """Equation 8: the mean of the words of each input."""
        return (x * self.held).sum(1) / self.words[:, None]


def place_values(model: TextModel, field: Field, x: Tensor) -> Tensor:  # (R, width, d) -> (R, F)
    """What the one place over each input gives after its ReLU."""
    model = layered(model, "a hidden unit")
    if isinstance(model, TextCNN):
        conv = model.convolutions[fields(model.config).index(field)]
        return F.relu(F.linear(x.transpose(1, 2).flatten(1), conv.weight.flatten(1), conv.bias))
    return next(islice(model.activations(x), field.layer - 1, None)).flatten(1)


def _starts(goals: Sequence[Goal], dim: int, seed: int) -> Tensor:
    """Xavier's uniform numbers (P, N, d), for each goal from its own seed, whatever stands beside it."""
    starts = np.zeros((len(goals), max(goal.field.width for goal in goals), dim))
    for row, goal in zip(starts, goals, strict=True):
        key = np.array([seed, goal.field.layer, goal.field.width, goal.place, *goal.document], dtype="<i8")
        digest = hashlib.blake2b(key.tobytes(), digest_size=16).digest()
        bound = (6 / (goal.words + dim)) ** 0.5
        draw = np.random.default_rng(int.from_bytes(digest, "little"))
        row[: goal.words] = draw.uniform(-bound, bound, (goal.words, dim))
    return torch.from_numpy(starts)
