"""What an evaluation tells while it runs: nothing, or a bar."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from convlens.shown import Terminal


class EvaluateWatch:
    """Hears of an evaluation's progress and says nothing; subclass it to show or log."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The evaluation has ended, well or not."""

    def on_start(self, documents: int) -> None:
        """So many documents are to be measured."""

    def on_document(self) -> None:
        """One more document is done."""

    def on_sanity(self) -> None:
        """All documents are done, the randomised models begin."""


class EvaluateBar(EvaluateWatch):
    """Documents done and time left on stderr."""

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        console = console or Terminal(stderr=True)
        silent = quiet or not console.is_interactive  # else rich leaves a blank line in logs
        columns = (
            BarColumn(bar_width=24),
            TextColumn("{task.description}", markup=False),
            TimeRemainingColumn(),
        )
        self.progress = Progress(*columns, console=console, transient=True, disable=silent)
        self.done = 0

    def __exit__(self, *error: object) -> None:
        self.progress.stop()

    def on_start(self, documents: int) -> None:
        self.documents = documents
        self.task = self.progress.add_task(f"{documents:,} documents", total=documents)
        self.progress.start()

    def on_document(self) -> None:
        self.done += 1
        self.progress.update(
            self.task, completed=self.done, description=f"{self.done:,} of {self.documents:,} documents"
        )

    def on_sanity(self) -> None:
        self.progress.update(self.task, description="randomised models")
