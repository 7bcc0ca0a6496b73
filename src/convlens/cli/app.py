"""The commands, gathered. Each is imported when it is called, so that help and version are there at once."""

import importlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from convlens.cli.console import ending_well, put
from convlens.shown import sentence

HELP = """Train convolutional text classifiers and explain them exactly.

First time: convlens demo. It trains on real film reviews, explains two sentences, and writes a report.

Your own data, in any file with a column of texts and a column of labels:

  convlens fit reviews.csv -o model             train, test, save

  convlens adopt model.keras -o model           or one of Keras or PyTorch taken over

  convlens test model new.csv                   how often it is right on rows that are new to it

  convlens predict model "What a good movie"    label and probability

  convlens explain model "What a good movie"    what each word adds to the logit

  convlens scan model reviews.csv -o scan       the same for a file of any size

  convlens units model "What a good movie"      what its hidden units detect

  convlens filters model reviews.csv            what each filter has learned

  convlens evaluate model reviews.csv           how faithful explanations are to the model

  convlens attack model reviews.csv             how easily decisions are turned

  convlens words model reviews.csv              which words matter to the model

  convlens prune model reviews.csv --filters auto    what can go, and what it costs

  convlens edit model reviews.csv --disable word:foo    the model without a word, filter or n-gram

  convlens report model reviews.csv             one page with all of it

  convlens export model -o served               a file of ONNX, or for PyTorch or Keras

  convlens reproduce                            the papers behind it, exhibit by exhibit

Results go to stdout, everything else to stderr. Exit code 0: done, 1: the answer is
no (a certificate broken, a data set missing), 2: bad input or usage.
"""
COMMANDS = {  # each with the first sentence of its own help
    "demo": "Do everything once on real film reviews: train, test, explain, and write a report.",
    "fit": "Train a text CNN on labelled texts, test it, and save it.",
    "adopt": "Take over a text CNN that was trained elsewhere, prove on your texts that it answers the same, and save it.",
    "test": "Measure how often a model is right: accuracy, F1, each class, and whether its probabilities can be trusted.",
    "predict": "Print the label and its probability for each text, tab-separated; --json adds every class.",
    "explain": "Score the words or n-grams of each text: how much each adds to the logit of a class.",
    "scan": "Explain every text of a file of any size, piece by piece, into a folder of Parquet.",
    "units": "Show what hidden units detect in each text (Yuan et al. 2019).",
    "filters": "Show what each filter has learned, as a card (Jacovi et al. 2018).",
    "words": "Rank the words by their importance to the whole model.",
    "evaluate": "Measure how faithful explanations are: delete the words that they name and see whether the "
    "decision turns.",
    "attack": "Attack the documents that the model has right, or prove that nobody can.",
    "prune": "Find out what a model can do without, and save it without that.",
    "edit": "Switch off filters, words or n-grams, measure on the test rows what it costs, and save the changed model.",
    "report": "Write one self-contained HTML page: metrics, documents with reasons, words by importance, cards of "
    "filters, maps.",
    "export": "Write a model as ONNX, for PyTorch or for Keras, and prove that what was written answers the same.",
    "reproduce": "Rebuild the tables and figures of the papers, ours beside theirs.",
}
HELPED = {"help_option_names": ["-h", "--help"]}
STYLE: dict[str, Any] = {"rich_markup_mode": "rich", "pretty_exceptions_enable": False}


class Commands(TyperGroup):
    """The commands by name and summary, loaded when they are called.

    What is said of a wrong use quotes what was given, so it is made a sentence first.
    """

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, loaded(name) if command and name else command, rest

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


def loaded(name: str) -> Any:
    """A command with its arguments and options."""
    one = typer.Typer(add_completion=False, context_settings=HELPED, **STYLE)
    one.command(name)(ending_well(getattr(importlib.import_module(f"convlens.cli.{name}"), name)))
    return typer.main.get_command(one)


app = typer.Typer(
    name="convlens", cls=Commands, help=HELP, no_args_is_help=True, context_settings=HELPED, **STYLE
)
for name, summary in COMMANDS.items():
    app.command(name, help=summary)(lambda: None)


def _version(wanted: bool) -> None:
    if wanted:
        from convlens.version import VERSION

        put(f"convlens {VERSION}")
        raise typer.Exit


@app.callback()
def _top(
    wanted: Annotated[
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
