"""`convlens explain`: why this prediction?"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convlens.cli import options
from convlens.cli.answers import Place, fragments, in_order, show_each
from convlens.cli.console import say
from convlens.cli.reading import read_texts
from convlens.data import Reject
from convlens.errors import InputError
from convlens.explain import METHODS, Explanation, explain_all, find_method
from convlens.files import AT_ONCE as ROWS
from convlens.files import TABLES, check_target, either, write_table, write_text
from convlens.models import Classifier, load
from convlens.scan import ENGINES, ScanConfig
from convlens.trace import BACKENDS, check_backend, shared_tracer

if TYPE_CHECKING:
    import polars as pl

EXTRA = ", ".join(name for name, method in METHODS.items() if method.extra)
ENDINGS = either(list(TABLES))
AT_ONCE = 256  # texts explained before the first is printed
SCORED = 2**16  # texts times classes explained at once: bounds memory
PAGE = (
    '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>ConvLens explanations</title><style>body{{margin:2em auto;max-width:48em;padding:0 1em}}"
    ".convlens+.convlens{{margin-top:2em}}</style>{fragments}\n"
)


def explain(
    model: options.Model,
    texts: options.Texts = None,
    file: options.File = None,
    text: options.Text = None,
    method: Annotated[
        str, typer.Option(help=f"One of {', '.join(METHODS)}. {EXTRA} need the extra convlens\\[captum].")
    ] = "words",
    target: Annotated[str | None, typer.Option(help="Label to explain (default: the predicted one).")] = None,
    hidden: Annotated[
        bool, typer.Option("--hidden", help="Explain places of a hidden layer, not words (Yuan et al. 2019).")
    ] = False,
    layer: Annotated[
        int | None, typer.Option(help="With --hidden: the layer, from the words up (default: 1).")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="With --hidden: same seed, same answer (default: 0).")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line for each text.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Write the heatmaps to this page.")] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help=f"Write the scores to a {ENDINGS} file; any other name is a folder."
        ),
    ] = None,
    force: options.Force = False,
    top: Annotated[
        int | None,
        typer.Option(
            help="With -o FOLDER: strongest words kept of each text (default: all); with --hidden: places (3)."
        ),
    ] = None,
    backend: Annotated[str, typer.Option(help=f"What traces: one of {', '.join(BACKENDS)}.")] = "auto",
    allow_rejects: options.AllowRejects = False,
    resume: options.Resume = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="With -o FOLDER: add up words, filters and classes too.")
    ] = False,
    engine: Annotated[
        str, typer.Option(help=f"With -o FOLDER: one of {', '.join(ENGINES)}; ray takes more machines.")
    ] = "local",
    address: Annotated[
        str | None, typer.Option(help="With --engine ray: the cluster (default: a Ray started here).")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="With --engine ray: how many, of one core each (default: all cores).")
    ] = None,
    quiet: options.Quiet = False,
) -> None:
    """Score the words or n-grams of each text: how much each adds to the logit of a class.

    The methods words and ngrams split the logit of a one-layer model exactly; a deep model is answered by the others.

    With -o FOLDER, a --file of any size is read, explained and written piece by piece (a scan).

    Examples:

      convlens explain model "What a good movie"

      convlens explain model "What a good movie" --json | jq .scores

      convlens explain model --file new.csv --method ngrams -o scores.parquet

      convlens explain model --file big.parquet --top 20 -o scan

      convlens explain model --file big.parquet --summary --engine ray -o scan

      convlens explain model "What a good movie" --hidden --html units.html
    """
    of_scan = resume or summary or (engine, address, workers) != ("local", None, None)
    if hidden:
        from convlens.cli.hidden import Shown, check_alone, explain_hidden, unit_config

        of_words = {
            "--method": method != "words",
            "--backend": backend != "auto",
            "--output": output is not None,
        }
        check_alone(of_words | {"options of a scan": of_scan})
        units = unit_config(layer, top, seed)
        _check_targets(html, force=force)
        corpus = read_texts(texts, file, text, allow_rejects=allow_rejects)
        explain_hidden(load(model), corpus, target, units, Shown(as_json, html, PAGE))
        return
    if layer is not None or seed is not None:
        raise InputError("--layer and --seed belong to hidden units: add --hidden")
    find_method(method)
    check_backend(backend)
    if output is not None and output.suffix.lower() not in TABLES:
        from convlens.cli.scan import existing_folder, scan_file, tell

        source = _scanned(output, file, other=bool(texts or html or as_json))
        existing = existing_folder(resume=resume, force=force)
        config = ScanConfig(method, target, top, text, summary=summary, backend=backend)
        config = replace(config, engine=engine, address=address, workers=workers)
        counts = scan_file(model, source, output, config, existing=existing, quiet=quiet)
        tell(counts, source, output, allow_rejects=allow_rejects)
        return
    if top is not None or of_scan:
        raise InputError(
            "--top, --resume, --summary, --engine, --address and --workers belong to a scan: name a folder with -o, "
            f"without {ENDINGS}"
        )
    _check_targets(html, output, force=force)
    classifier = load(model)
    corpus = read_texts(texts, file, text, allow_rejects=allow_rejects)
    explanations = _explained(classifier, corpus.texts, backend=backend, method=method, target=target)
    shown = show_each(in_order(corpus, explanations), as_json=as_json, keep=bool(html or output))
    _write(shown, html, output)


def _explained(
    classifier: Classifier, texts: Sequence[str], *, backend: str, method: str, target: str | None
) -> Iterator[Explanation]:
    """The explanations of texts as they come, some at a time, all from one table where that pays."""
    source = shared_tracer(classifier.network, classifier.tokenizer.documents(texts), backend=backend)
    explained = partial(explain_all, classifier, method=method, target=target, source=source)
    most = min(max(SCORED // len(classifier.labels), 1), AT_ONCE)
    for start in range(0, len(texts), most):
        yield from explained(texts[start : start + most])


def _check_targets(*paths: Path | None, force: bool) -> None:
    """Refuse what cannot be written, before work that takes long."""
    for path in paths:
        if path is not None:
            check_target(path, force=force)


def _write(
    answers: Sequence[tuple[Place, Explanation | Reject]], html: Path | None, output: Path | None
) -> None:
    """The page and the table, where they are wanted."""
    if html is not None:
        write_text(html, PAGE.format(fragments=fragments(answers)))
        say(f"wrote {html}")
    if output is not None:
        write_table(_frames(answers), output)
        say(f"wrote {output}")


def _scanned(output: Path, file: Path | None, *, other: bool) -> Path:
    """The file that a scan into `output` reads."""
    if file is None or other:
        raise InputError(
            f"{output} does not end in {ENDINGS}, so it is the folder of a scan, which takes --file "
            "and no TEXT, --html or --json: name a table, or give --file alone"
        )
    return file


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
