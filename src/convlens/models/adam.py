"""Adam for an embedding of which a batch touches few rows: the results of Adam on all of it."""

import numpy as np
import torch
from torch import Tensor

from convlens.arrays import Ints
from convlens.errors import InputError
from convlens.kernels.rows import step, sync


class LazyAdam:
    """Moves the rows of `weight` for at most `steps` steps; `flush` must end them.

    Rows without gradients stand still until they are read, and are then brought to where torch's Adam would have
    moved them: after `flush` weight and moments are what it would have left, to rounding. The moments stay in
    `optimizer`'s own state. `weight` gets no gradient, so `optimizer.step()` passes it over.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, weight: Tensor, steps: int) -> None:
        [group] = optimizer.param_groups
        self.state = optimizer.state[weight]
        if not self.state:
            moments = {name: torch.zeros_like(weight) for name in ("exp_avg", "exp_avg_sq")}
            self.state.update({"step": torch.tensor(0.0), **moments})
        tables = (weight.detach(), self.state["exp_avg"], self.state["exp_avg_sq"])
        self.tables = tuple(table.numpy() for table in tables)
        self.times = np.zeros(len(weight), dtype=np.int64)
        self.done = 0
        beta1, beta2 = group["betas"]
        count = int(self.state["step"]) + np.arange(1, steps + 1)
        corrections = np.stack([group["lr"] / (1 - beta1**count), 1 / np.sqrt(1 - beta2**count)])
        number = self.tables[0].dtype.type
        self.corrections = np.pad(corrections, ((0, 0), (1, 0))).astype(number)
        constants = (beta1, beta2, 1 - beta1, 1 - beta2, group["eps"], group["weight_decay"])
        self.constants = tuple(number(value) for value in constants)

    def sync(self, words: Ints) -> None:
        """Bring rows to the present, so that they can be read."""
        self._check(words)
        sync(self.tables, self.times, words, self.done, self.corrections, self.constants)

    def step(self, words: Ints, gradients: Tensor) -> None:
        """One step for all: with gradients (words, d) for rows that are at the present, without for the others."""
        self._check(words)
        shape = len(words), self.tables[0].shape[1]
        if tuple(gradients.shape) != shape or (self.times[words] != self.done).any():
            raise InputError(
                f"a step takes gradients {shape} for rows that are at step {self.done}, got {tuple(gradients.shape)}: "
                "sync the rows first, and give one row of gradients for each"
            )
        if self.done + 1 >= self.corrections.shape[1]:
            raise InputError(f"all {self.done} steps are done: flush them, and begin again with more")
        step(self.tables, self.times, words, gradients.numpy(), self.corrections, self.constants)
        self.done += 1

    def _check(self, words: Ints) -> None:
        last = len(self.times) - 1
        if words.min(initial=0) < 0 or words.max(initial=-1) > last or (np.diff(np.sort(words)) == 0).any():
            raise InputError(
                f"rows are different numbers from 0 to {last}, got {len(words)} from {words.min()} to {words.max()}: "
                "give each row of the matrix once"
            )

    def flush(self) -> None:
        """Bring all rows to the present, and say so in the optimizer's state."""
        self.sync(np.arange(len(self.times)))
        self.state["step"] += self.done
