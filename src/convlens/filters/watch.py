"""What the making of cards tells while it runs: nothing, or a bar."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from convlens.shown import Terminal


class CardsWatch:
    """Hears of the stages and their steps and says nothing; subclass it to show or log."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The cards are made, or never will be."""

    def on_stage(self, name: str, steps: int | None = None) -> None:
        """A stage begins, of so many steps if that is known."""

    def on_step(self) -> None:
        """One more step of the stage is done."""


class CardsBar(CardsWatch):
    """The stage and how far it is, on stderr."""

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        console = console or Terminal(stderr=True)
        silent = quiet or not console.is_interactive  # else rich leaves a blank line in logs
        columns = (
            BarColumn(bar_width=24),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
        )
        self.progress = Progress(*columns, console=console, transient=True, disable=silent)
        self.task = self.progress.add_task("cards", total=None)

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.progress.stop()

    def on_stage(self, name: str, steps: int | None = None) -> None:
        self.progress.reset(self.task, total=steps, description=name)

    def on_step(self) -> None:
        self.progress.advance(self.task)
