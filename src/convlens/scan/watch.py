"""What a scan tells while it runs: nothing, or a bar."""

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from convlens.data import Batch, Stream
from convlens.progress import Listener
from convlens.shown import Terminal, visible


class ScanWatch(Listener):
    """Hears of a scan's progress and says nothing; subclass it to show or log."""

    def on_start(self, opened: Stream) -> None:
        """The file is open; `rows` and `notices` tell what is known about it."""

    def on_skip(self, batch: Batch) -> None:
        """A part was there already."""

    def on_part(self, batch: Batch, tokens: int) -> None:
        """A part is written; its texts have this many tokens."""


class ScanBar(ScanWatch):
    """Documents, speed and time left on stderr."""

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        """A bar on `console`; with `quiet`, only what reading the file assumed."""
        self.console = console or Terminal(stderr=True)
        silent = quiet or not self.console.is_interactive  # else rich leaves a blank line in logs
        columns = BarColumn(bar_width=24), TextColumn("{task.description}", markup=False)
        self.progress = Progress(*columns, console=self.console, transient=True, disable=silent)
        self.documents = self.rows = 0  # with those that were there
        self.fresh = self.tokens = 0  # without

    def __exit__(self, *error: object) -> None:
        self.progress.stop()

    def on_start(self, opened: Stream) -> None:
        for notice in opened.notices:
            self.console.print(visible(notice), markup=False)
        self.total, self.begin = opened.rows, time.monotonic()
        self.task = self.progress.add_task("", total=self.total)
        self.progress.start()

    def on_skip(self, batch: Batch) -> None:
        self._count(batch)
        self.begin = time.monotonic()
        self.progress.update(
            self.task, completed=self.rows, description=f"{self.documents:,} documents there"
        )

    def on_part(self, batch: Batch, tokens: int) -> None:
        self._count(batch)
        self.fresh, self.tokens = self.fresh + len(batch.texts), self.tokens + tokens
        self.progress.update(self.task, completed=self.rows, description=self._said())

    def _count(self, batch: Batch) -> None:
        self.documents += len(batch.texts)
        self.rows += len(batch.texts) + len(batch.rejected)

    def _said(self) -> str:
        seconds = max(time.monotonic() - self.begin, 1e-9)
        speed = f"{self.fresh / seconds:,.0f} documents/s, {self.tokens / seconds:,.0f} tokens/s"
        said = f"{self.documents:,} documents, {speed}"
        if self.total is None or not self.fresh:
            return said
        left = round((self.total - self.rows) * seconds / self.fresh)
        return f"{said}, {left // 60}:{left % 60:02} left"


def default_watch() -> ScanWatch:
    """A bar for people, nothing for logs and pipes."""
    return ScanBar() if sys.stderr.isatty() else ScanWatch()
