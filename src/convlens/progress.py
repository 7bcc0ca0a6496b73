"""What long work tells while it runs: nothing, or a bar."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Columns

from convlens.shown import Terminal


class Listener:
    """Hears of some work, and when it ends."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The work has ended, well or not."""


class Progress(Listener):
    """Hears of the stages of some work and of their steps, and says nothing; subclass it to show or log."""

    def on_stage(self, name: str, steps: int | None = None) -> None:
        """A stage begins, of so many steps if that is known."""

    def on_step(self) -> None:
        """One more step of the stage is done."""


class ProgressBar(Progress):
    """The stage, how far it is, and the time left, on stderr."""

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        console = console or Terminal(stderr=True)
        silent = quiet or not console.is_interactive  # else rich leaves a blank line in logs
        columns = (
            BarColumn(bar_width=24),
            TextColumn("{task.description}", markup=False),
            TextColumn("{task.fields[done]}"),
            TimeRemainingColumn(),
        )
        self.columns = Columns(*columns, console=console, transient=True, disable=silent)
        self.task = self.columns.add_task("", total=None, done="")

    def __enter__(self) -> Self:
        self.columns.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.columns.stop()

    def on_stage(self, name: str, steps: int | None = None) -> None:
        self.steps, self.done = steps, 0
        self.columns.reset(self.task, total=steps, description=name, done="")

    def on_step(self) -> None:
        self.done += 1
        count = "" if self.steps is None else f"{self.done:,} of {self.steps:,}"
        self.columns.update(self.task, completed=self.done, done=count)
