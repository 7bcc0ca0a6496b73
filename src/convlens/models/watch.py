"""What a fit tells while it runs: nothing, or a progress bar."""

import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from convlens.models.history import Epoch
from convlens.models.training import Step
from convlens.progress import Listener
from convlens.shown import Terminal, visible
from convlens.text import Tokenizer


class Watch(Listener):
    """Hears of a fit's progress and says nothing; subclass it to show or log."""

    def on_notice(self, notice: str) -> None:
        """Something about the data, before training, that is likely not meant or should be known."""

    def on_start(self, tokenizer: Tokenizer, vectors: str, epochs: int) -> None:
        """The vocabulary is built; `vectors` tells its coverage, `epochs` how many there are at most."""

    def on_step(self, step: Step) -> None:
        """A batch is done."""

    def on_epoch(self, number: int, epoch: Epoch) -> None:
        """An epoch is done and its state stored."""


class Notices(Watch):
    """Only what should be known in any case, on stderr."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Terminal(stderr=True)

    def on_notice(self, notice: str) -> None:
        self.console.print(notice, highlight=False, markup=False, soft_wrap=True)


class Bar(Notices):
    """A bar with loss, accuracy and time left on stderr, and a line for every epoch."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(console)
        self.progress = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(bar_width=24),
            TextColumn("loss {task.fields[loss]:.4f}  accuracy {task.fields[accuracy]:.2%}  at most"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
        )
        self.epochs = 1

    def __exit__(self, *error: object) -> None:
        self.progress.stop()

    def on_start(self, tokenizer: Tokenizer, vectors: str, epochs: int) -> None:
        self.epochs = epochs
        self.console.print(
            f"vocabulary {len(tokenizer.words):,} words"
            + (f"; vectors: {visible(vectors)}" if vectors else ""),
            markup=False,
        )
        self.task = self.progress.add_task("", total=None, epoch=f"1/{epochs}", loss=0.0, accuracy=0.0)
        self.progress.start()

    def on_step(self, step: Step) -> None:
        self.progress.update(
            self.task,
            total=step.batches * self.epochs,
            completed=step.batches * (step.epoch - 1) + step.done,
            epoch=f"{step.epoch}/{self.epochs}",
            loss=step.loss,
            accuracy=step.accuracy,
        )

    def on_epoch(self, number: int, epoch: Epoch) -> None:
        self.console.print(
            f"epoch {number:2}  loss {epoch.loss:.4f}  accuracy {epoch.accuracy:.2%}  "
            f"validation loss {epoch.validation_loss:.4f}  accuracy {epoch.validation_accuracy:.2%}  "
            f"{epoch.seconds:.1f} s",
            highlight=False,
        )


def default_watch() -> Watch:
    """A bar for people, nothing for logs and pipes."""
    return Bar() if sys.stderr.isatty() else Watch()
