"""The commands, gathered."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from convlens.cli.attack import attack
from convlens.cli.console import ending_well, put
from convlens.cli.demo import demo
from convlens.cli.edit import edit
from convlens.cli.evaluate import evaluate
from convlens.cli.explain import explain
from convlens.cli.filters import filters
from convlens.cli.fit import fit
from convlens.cli.predict import predict
from convlens.cli.prune import prune
from convlens.cli.report import report
from convlens.cli.reproduce import reproduce
from convlens.cli.words import words
from convlens.shown import sentence
from convlens.version import VERSION

HELP = """Train convolutional text classifiers and explain them exactly.

First time: convlens demo. It trains on real film reviews, explains two sentences, and writes a report.

Your own data, in any file with a column of texts and a column of labels:

  convlens fit reviews.csv -o model             train, test, save

  convlens predict model "What a good movie"    label and probability

  convlens explain model "What a good movie"    what each word adds to the logit

  convlens filters model reviews.csv            what each filter has learned

  convlens evaluate model reviews.csv           how faithful explanations are to the model

  convlens attack model reviews.csv             how easily decisions are turned

  convlens words model reviews.csv              which words matter to the model

  convlens prune model reviews.csv --filters auto    what can go, and what it costs

  convlens edit model reviews.csv --disable word:foo    the model without a word, filter or n-gram

  convlens report model reviews.csv             one page with all of it

  convlens reproduce                            the papers behind it, exhibit by exhibit

Results go to stdout, everything else to stderr. Exit code 0: done, 1: the answer is
no (a certificate broken, a data set missing), 2: bad input or usage.
"""


class Commands(TyperGroup):
    """The commands; what is said of a wrong use quotes what was given, so it is made a sentence first."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        with _quoting():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        with _quoting():
            return super().invoke(ctx)


@contextmanager
def _quoting() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if hasattr(error, "format_message"):  # an error of typer's own
            error.message = sentence(error.message)  # type: ignore[attr-defined]
        raise


class Lines(logging.Formatter):
    """What is logged, a sentence each."""

    def format(self, record: logging.LogRecord) -> str:
        return sentence(super().format(record))


app = typer.Typer(
    name="convlens",
    cls=Commands,
    help=HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    demo,
    fit,
    predict,
    explain,
    filters,
    words,
    evaluate,
    attack,
    prune,
    edit,
    report,
    reproduce,
):
    app.command()(ending_well(command))


def _version(wanted: bool) -> None:
    if wanted:
        put(f"convlens {VERSION}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Tell what is done how, such as the backend of traces.")
    ] = False,
) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(Lines("convlens: %(message)s"))
    logging.basicConfig(handlers=[handler])
    logging.captureWarnings(True)
    logging.getLogger("convlens").setLevel(logging.INFO if verbose else logging.WARNING)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; ends with exit code 0, 1 for a no, 2 for bad input or usage, 130 for Ctrl-C."""
    app(arguments, prog_name="convlens")
