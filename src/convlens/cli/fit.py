"""`convlens fit`: train, test, save."""

import json
import shlex
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from convlens.cli import options
from convlens.cli.console import err, out, program, put, say
from convlens.cli.reading import read_data, read_test
from convlens.cli.show import metrics_table
from convlens.data import Columns, Corpus, Splits, align_labels, check_trainable, split
from convlens.errors import InputError
from convlens.models import (
    Bar,
    Classifier,
    FitConfig,
    Metrics,
    TextCNNConfig,
    TrainConfig,
    Watch,
    check_model_target,
    is_model,
    measure,
    save,
)
from convlens.models import fit as train
from convlens.text import SPLITTERS, TextConfig, read_vectors

TEXT, CNN, TRAINING = "Text", "Model", "Training"


def fit(
    data: options.Data,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the model.")],
    test: Annotated[
        str | None, typer.Option(help="Test DATA (default: its own, or a tenth held out).")
    ] = None,
    test_share: Annotated[float, typer.Option(help="Share held out for testing where there is none.")] = 0.1,
    text: options.Text = None,
    label: options.Label = None,
    rejects: options.Rejects = None,
    allow_rejects: options.AllowRejects = False,
    force: options.Force = False,
    resume: options.Resume = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    seed: options.Seed = 0,
    tokenizer: Annotated[
        str, typer.Option(help=f"One of {', '.join(SPLITTERS)}.", rich_help_panel=TEXT)
    ] = TextConfig.splitter,
    keep_case: Annotated[
        bool, typer.Option("--keep-case", help="Tell A from a.", rich_help_panel=TEXT)
    ] = False,
    min_count: Annotated[
        int, typer.Option(help="Occurrences that make a word.", rich_help_panel=TEXT)
    ] = TextConfig.min_count,
    max_words: Annotated[int | None, typer.Option(help="Most words to keep.", rich_help_panel=TEXT)] = None,
    max_tokens: Annotated[
        int | None, typer.Option(help="Tokens read per text.", rich_help_panel=TEXT)
    ] = None,
    vectors: Annotated[
        Path | None, typer.Option(help="Word vectors: GloVe or word2vec file.", rich_help_panel=TEXT)
    ] = None,
    regions: Annotated[str, typer.Option(help="Region sizes.", rich_help_panel=CNN)] = "3,4,5",
    filters: Annotated[
        str, typer.Option(help="Filters for each region, one number or several.", rich_help_panel=CNN)
    ] = "100",
    dim: Annotated[
        int, typer.Option(help="Length of the word vectors.", rich_help_panel=CNN)
    ] = TextCNNConfig.dim,
    dropout: Annotated[
        float, typer.Option(help="Dropout on the features.", rich_help_panel=CNN)
    ] = TextCNNConfig.dropout,
    vector_dropout: Annotated[
        float | None,
        typer.Option(help="Dropout on the word vectors (default: 0.5 with --vectors).", rich_help_panel=CNN),
    ] = None,
    no_filter_bias: Annotated[
        bool, typer.Option("--no-filter-bias", help="Filters without biases.", rich_help_panel=CNN)
    ] = False,
    no_head_bias: Annotated[
        bool, typer.Option("--no-head-bias", help="Classes without biases.", rich_help_panel=CNN)
    ] = False,
    epochs: Annotated[int, typer.Option(help="Most epochs.", rich_help_panel=TRAINING)] = TrainConfig.epochs,
    patience: Annotated[
        int, typer.Option(help="Epochs without gain before stopping.", rich_help_panel=TRAINING)
    ] = TrainConfig.patience,
    batch_size: Annotated[
        int, typer.Option(help="Texts in a batch.", rich_help_panel=TRAINING)
    ] = TrainConfig.batch_size,
    lr: Annotated[float, typer.Option(help="Adam's step size.", rich_help_panel=TRAINING)] = TrainConfig.lr,
    weight_decay: Annotated[
        float, typer.Option(help="L2 penalty in Adam.", rich_help_panel=TRAINING)
    ] = TrainConfig.weight_decay,
    validation: Annotated[
        float,
        typer.Option(help="Share of training rows that decides when to stop.", rich_help_panel=TRAINING),
    ] = TrainConfig.validation,
    class_weights: Annotated[
        bool, typer.Option("--class-weights", help="Weigh rare classes up.", rich_help_panel=TRAINING)
    ] = False,
    freeze_vectors: Annotated[
        bool, typer.Option("--freeze-vectors", help="Do not train word vectors.", rich_help_panel=TRAINING)
    ] = False,
) -> None:
    """Train a text CNN on labelled texts, test it, and save it.

    Examples:

      convlens fit reviews.csv -o model

      convlens fit posts.jsonl --text body --label topic -o model --vectors glove.6B.100d.txt

      convlens fit train.parquet --test test.parquet -o model --seed 1 --json
    """
    columns = Columns(text, label)
    config = FitConfig(
        TextConfig(tokenizer, not keep_case, min_count, max_words, max_tokens),
        TextCNNConfig(
            regions=_numbers("--regions", regions),
            filters=_filters(filters),
            dim=dim,
            dropout=dropout,
            vector_dropout=vector_dropout,
            filter_bias=not no_filter_bias,
            head_bias=not no_head_bias,
        ),
        TrainConfig(
            epochs=epochs,
            patience=patience,
            batch_size=batch_size,
            lr=lr,
            weight_decay=weight_decay,
            validation=validation,
            class_weights=class_weights,
            tune_vectors=not freeze_vectors,
            seed=seed,
        ),
    )
    if resume and not force and is_model(output):  # killed when all was written
        say(f"{output} is there already, whole: nothing to resume")
        return
    check_model_target(output, force=force)
    opened = read_data(data, columns, rejects=rejects, allow_rejects=allow_rejects)
    tested = None if test is None else read_test(test, columns, allow_rejects=allow_rejects)
    splits = _splits(opened, tested, test_share, seed)
    checkpoint = _checkpoint(output, resume=resume)
    classifier = train(
        splits.train,
        config,
        vectors=None if vectors is None else read_vectors(vectors),
        checkpoint=checkpoint,
        watch=Watch() if quiet else Bar(err),
    )
    if classifier.record.interrupted:
        say("interrupted: keeping the best weights so far")
    metrics = measure(classifier, splits.test)
    save(_tested(classifier, metrics), output, force=force)
    shutil.rmtree(checkpoint, ignore_errors=True)
    _print(metrics, classifier, output, as_json=as_json)


def _print(metrics: Metrics, classifier: Classifier, output: Path, *, as_json: bool) -> None:
    record = classifier.record
    if as_json:
        training = {"epochs": len(record.epochs), "best_epoch": record.best, "seconds": record.seconds}
        put(json.dumps({"model": str(output), **metrics.to_dict(), **training}))
    else:
        out.print(metrics_table(metrics))
    say(f'wrote {output}; now try: {program()} explain {shlex.quote(str(output))} "a text"')


def _tested(classifier: Classifier, metrics: Metrics) -> Classifier:
    """The classifier with its test metrics and this command in its record."""
    command = "convlens " + shlex.join(sys.argv[1:])
    return replace(classifier, record=classifier.record.tested(metrics.rows, metrics.to_dict(), command))


def _splits(data: Corpus | Splits, test: Corpus | None, share: float, seed: int) -> Splits:
    """Training and test rows: given, the data set's own, or a share held out."""
    if isinstance(data, Splits):
        return data if test is None else Splits(data.train, align_labels(data.train, test))
    check_trainable(data)
    return split(data, share=share, seed=seed) if test is None else Splits(data, align_labels(data, test))


def _checkpoint(output: Path, *, resume: bool) -> Path:
    """Where training state lies while `output` is not finished."""
    checkpoint = output.absolute().with_name(f".{output.name}.partial")
    if resume and not checkpoint.exists():
        say(f"nothing to resume for {output}: starting from the beginning")
    if not resume:
        shutil.rmtree(checkpoint, ignore_errors=True)
    return checkpoint


def _filters(text: str) -> int | tuple[int, ...]:
    counts = _numbers("--filters", text)
    return counts if len(counts) > 1 else counts[0]


def _numbers(option: str, text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"{option} takes whole numbers separated by commas, got {text!r}") from None
