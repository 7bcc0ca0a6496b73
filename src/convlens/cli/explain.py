"""`convlens explain`: why this prediction?"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convlens.cli import options
from convlens.cli.answers import Place, in_order, show_each, write_page
from convlens.cli.console import say
from convlens.cli.reading import read_texts
from convlens.data import Reject
from convlens.errors import InputError
from convlens.explain import Explanation, explain_all, find_method
from convlens.files import AT_ONCE as ROWS
from convlens.files import TABLES, check_target, either, write_table
from convlens.models import Classifier, load
from convlens.trace import check_backend, shared_tracer

if TYPE_CHECKING:
    import polars as pl

AT_ONCE = 256  # texts explained before the first is printed
SCORED = 2**16  # texts times classes explained at once: bounds memory
FORMER = typer.Option(hidden=True)  # what `convlens scan` and `convlens units` now show


def explain(
    model: options.Model,
    texts: options.Texts = None,
    file: options.File = None,
    text: options.Text = None,
    method: Annotated[str, options.method()] = "words",
    target: options.Target = None,
    as_json: options.JsonLines = False,
    html: Annotated[Path | None, typer.Option(help="Write the heatmaps to this page.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help=f"Write the scores to a file: {either(list(TABLES))}."),
    ] = None,
    backend: options.Backend = "auto",
    force: options.Force = False,
    allow_rejects: options.AllowRejects = False,
    hidden: Annotated[bool, typer.Option("--hidden", hidden=True)] = False,
    layer: Annotated[int | None, FORMER] = None,
    seed: Annotated[int | None, FORMER] = None,
    top: Annotated[int | None, FORMER] = None,
    resume: Annotated[bool, typer.Option("--resume", hidden=True)] = False,
    summary: Annotated[bool, typer.Option("--summary", hidden=True)] = False,
    engine: Annotated[str, FORMER] = "local",
    address: Annotated[str | None, FORMER] = None,
    workers: Annotated[int | None, FORMER] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", hidden=True)] = False,
) -> None:
    """Score the words or n-grams of each text: how much each adds to the logit of a class.

    The methods words and ngrams split the logit exactly; ngrams needs a model that takes the max over time.

    A file of any size is explained by 'convlens scan', and hidden units by 'convlens units'; their options are taken here too.

    Examples:

      convlens explain model "What a good movie"

      convlens explain model "What a good movie" --json | jq .scores

      convlens explain model --file new.csv --method ngrams -o scores.parquet
    """
    of_scan = resume or summary or (engine, address, workers) != ("local", None, None)
    if hidden:
        from convlens.cli.hidden import check_alone
        from convlens.cli.units import units

        check_alone(method=method, backend=backend, output=output, of_scan=of_scan)
        units(
            model,
            texts,
            file,
            text,
            target,
            layer,
            seed,
            top,
            as_json=as_json,
            html=html,
            allow_rejects=allow_rejects,
            force=force,
        )
        return
    if (layer, seed) != (None, None):
        raise InputError("--layer and --seed belong to hidden units: call 'convlens units', or add --hidden")
    find_method(method)
    check_backend(backend)
    if output is not None and output.suffix.lower() not in TABLES:
        from convlens.cli.scan import check_source, scan

        scan(
            model,
            check_source(file, output, other=bool(texts or html or as_json)),
            output,
            text,
            method,
            target,
            top,
            backend,
            summary=summary,
            engine=engine,
            address=address,
            workers=workers,
            resume=resume,
            allow_rejects=allow_rejects,
            force=force,
            quiet=quiet,
        )
        return
    if top is not None or of_scan:
        raise InputError(
            "--top, --resume, --summary, --engine, --address and --workers belong to a scan: "
            "call 'convlens scan MODEL FILE -o FOLDER'"
        )
    for path in (html, output):
        if path is not None:
            check_target(path, force=force)
    classifier = load(model)
    corpus = read_texts(texts, file, text, allow_rejects=allow_rejects)
    explanations = _explained(classifier, corpus.texts, backend=backend, method=method, target=target)
    answers = show_each(in_order(corpus, explanations), as_json=as_json, keep=bool(html or output))
    if html is not None:
        write_page(answers, html)
    if output is not None:
        write_table(_frames(answers), output)
        say(f"wrote {output}")


def _explained(
    classifier: Classifier, texts: Sequence[str], *, backend: str, method: str, target: str | None
) -> Iterator[Explanation]:
    """The explanations of texts as they come, some at a time, all from one table where that pays."""
    source = shared_tracer(classifier.network, classifier.tokenizer.documents(texts), backend=backend)
    explained = partial(explain_all, classifier, method=method, target=target, source=source)
    most = min(max(SCORED // len(classifier.labels), 1), AT_ONCE)
    for start in range(0, len(texts), most):
        yield from explained(texts[start : start + most])


def _frames(answers: Sequence[tuple[Place, Explanation | Reject]]) -> "Iterator[pl.DataFrame]":
    """The tokens of all texts, some at a time, each with the number of its text and, last, the line of the file it stood on."""
    import polars as pl

    explained = [(place, answer) for place, answer in answers if isinstance(answer, Explanation)]
    frames: list[pl.DataFrame] = []
    for i, (place, explanation) in enumerate(explained):
        for frame in explanation.frames:
            if frames and sum(map(len, frames)) + len(frame) > ROWS:
                yield pl.concat(frames)
                frames = []
            frames.append(frame.insert_column(0, pl.lit(i).alias("document")).with_columns(**place))
    yield pl.concat(frames)
