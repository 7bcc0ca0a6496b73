"""`convlens fit`: train, test, save."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from convlens.cli import network, options
from convlens.cli.console import err, say
from convlens.cli.network import CNN, ONE
from convlens.cli.reading import TEST_SHARE, read_data, read_test, splits_of
from convlens.cli.repeating import check_repeats, repeated
from convlens.cli.saving import baseline_of, held_out_of, tell_whole, tested_on
from convlens.cli.settings import OPTIONS, settings
from convlens.cli.telling import print_fit, tell_end, tell_settings
from convlens.data import MANY, Columns, Splits, check_rejects, split, write_rejects
from convlens.models import (
    PRESETS,
    Bar,
    DeepTextCNNConfig,
    FitConstraints,
    Notices,
    TextCNNConfig,
    TrainConfig,
    check_model_target,
    checkpoint_of,
    drop,
    is_model,
    is_there,
    measure,
    measure_sets,
    save,
)
from convlens.models import fit as train
from convlens.text import SPLITTERS, TextConfig, read_vectors

TEXT, TRAINING = "Text", "Training"


def fit(
    context: typer.Context,
    data: options.Data,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the model.")],
    test: Annotated[
        str | None, typer.Option(help="Test DATA (default: its own, or a tenth held out).")
    ] = None,
    test_share: Annotated[
        float, typer.Option(help="Share held out for testing where there is none.")
    ] = TEST_SHARE,
    text: options.Text = None,
    label: options.Label = None,
    label_separator: options.LabelSeparator = None,
    max_classes: Annotated[
        int, typer.Option(help="Most different labels that are taken for classes.", min=2)
    ] = MANY,
    rejects: options.Rejects = None,
    allow_rejects: options.AllowRejects = False,
    force: options.Force = False,
    resume: options.Resume = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    seed: options.Seed = 0,
    tokenizer: Annotated[
        str,
        typer.Option(
            help=f"One of {', '.join(('auto', *SPLITTERS))}; auto takes characters for scripts without spaces, else words.",
            rich_help_panel=TEXT,
        ),
    ] = TextConfig.splitter,
    keep_case: Annotated[
        bool, typer.Option("--keep-case/--fold-case", help="Tell A from a.", rich_help_panel=TEXT)
    ] = False,
    min_count: Annotated[
        int, typer.Option(help="Occurrences that make a word.", rich_help_panel=TEXT)
    ] = TextConfig.min_count,
    max_words: Annotated[int | None, typer.Option(help="Most words to keep.", rich_help_panel=TEXT)] = None,
    max_tokens: Annotated[
        int | None, typer.Option(help="Tokens read per text.", rich_help_panel=TEXT)
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(help="Regular expression of the tokens that are read.", rich_help_panel=TEXT),
    ] = None,
    drop_stop_words: Annotated[
        bool,
        typer.Option(
            "--drop-stop-words/--keep-stop-words", help="Leave out English stop words.", rich_help_panel=TEXT
        ),
    ] = False,
    drop_unknown: Annotated[
        bool,
        typer.Option(
            "--drop-unknown/--keep-unknown",
            help="Leave out words that are not in the vocabulary.",
            rich_help_panel=TEXT,
        ),
    ] = False,
    vectors: Annotated[
        Path | None,
        typer.Option(help="Word vectors: GloVe, word2vec, .npy or .npz file.", rich_help_panel=TEXT),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help=f"A paper's network and settings: {', '.join(PRESETS)}. Other options override it.",
            rich_help_panel=CNN,
        ),
    ] = None,
    dim: Annotated[
        int, typer.Option(help="Length of the word vectors.", rich_help_panel=CNN)
    ] = TextCNNConfig.dim,
    dropout: Annotated[
        float, typer.Option(help="Dropout on the features.", rich_help_panel=CNN)
    ] = TextCNNConfig.dropout,
    vector_dropout: Annotated[
        float | None,
        typer.Option(
            help="Dropout on the word vectors (default: 0.5 with --vectors, 0 for --layers).",
            rich_help_panel=CNN,
        ),
    ] = None,
    regions: Annotated[str, typer.Option(help="Region sizes.", rich_help_panel=ONE)] = "3,4,5",
    filters: Annotated[
        str, typer.Option(help="Filters for each region, one number or several.", rich_help_panel=ONE)
    ] = "100",
    filter_bias: Annotated[
        bool,
        typer.Option("--filter-bias/--no-filter-bias", help="Biases in the filters.", rich_help_panel=ONE),
    ] = True,
    head_bias: Annotated[
        bool, typer.Option("--head-bias/--no-head-bias", help="Biases of the classes.", rich_help_panel=ONE)
    ] = True,
    padding: network.Padding = None,
    activation: network.Activation = TextCNNConfig.activation,
    dilation: network.Dilation = "1",
    static_channel: network.StaticChannel = False,
    one_logit: network.OneLogit = False,
    layers: network.Layers = None,
    hidden: network.Hidden = None,
    length: network.Length = None,
    over_time: network.OverTime = DeepTextCNNConfig.over_time,
    k: network.Greatest = DeepTextCNNConfig.k,
    batch_norm: network.BatchNorm = False,
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
    folds: Annotated[
        int | None,
        typer.Option(
            help="First train on all folds but one, for each: mean and spread.", rich_help_panel=TRAINING
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(help="First train with so many seeds: mean and spread.", rich_help_panel=TRAINING),
    ] = None,
    baseline: Annotated[
        bool,
        typer.Option(help="Also tell what TF-IDF with logistic regression gets.", rich_help_panel=TRAINING),
    ] = True,
    class_weights: Annotated[
        bool, typer.Option("--class-weights", help="Weigh rare classes up.", rich_help_panel=TRAINING)
    ] = False,
    freeze_vectors: Annotated[
        bool,
        typer.Option(
            "--freeze-vectors/--tune-vectors", help="Do not train word vectors.", rich_help_panel=TRAINING
        ),
    ] = False,
) -> None:
    """Train a text CNN on labelled texts, test it, and save it.

    Examples:

      convlens fit reviews.csv -o model

      convlens fit posts.jsonl --text body --label topic -o model --vectors glove.6B.100d.txt

      convlens fit train.parquet --test test.parquet -o model --seed 1 --json

      convlens fit mr -o deep --preset yuan-mr --epochs 10

      convlens fit tickets.csv -o model --label tags --label-separator ";"

      convlens fit reviews.csv -o model --padding length=400

      convlens fit reviews.csv -o model --folds 10

      convlens fit reviews.csv -o deep --layers 64x5/2,32x5 --hidden 50
    """
    check_repeats(folds, seeds)
    columns = Columns(text, label, max_classes, label_separator)
    config = settings(_given(context), preset)
    checkpoint = checkpoint_of(output)
    if resume and not force and is_model(output):  # killed when all was written
        tell_whole(output, checkpoint)
        return
    if rejects is not None:
        check_rejects(rejects)
    opened = read_data(data, columns, allow_rejects=allow_rejects)
    known = replace(columns, max_classes=None)  # the labels that training knows, however many
    tested = None if test is None else read_test(test, known, allow_rejects=allow_rejects)
    splits = splits_of(opened, tested, share=test_share, seed=seed)
    split(splits.train, share=config.train.validation, seed=config.train.seed)  # refuses what `train` would
    pretrained = None if vectors is None else read_vectors(vectors)
    check_model_target(output, force=force)
    if rejects is not None:
        write_rejects([opened.train, opened.test] if isinstance(opened, Splits) else [opened], rejects)
    tell_settings(config, preset, random=vectors is None)
    repeats = repeated(opened, splits, config, pretrained, (folds, seeds), baseline=baseline, quiet=quiet)
    if resume and not is_there(checkpoint):
        say(f"nothing to resume for {output}: starting from the beginning")
    classifier = train(
        splits.train,
        config,
        vectors=pretrained,
        checkpoint=checkpoint,
        watch=Notices(err) if quiet else Bar(err),
        constraints=FitConstraints(anew=not resume),
    )
    tell_end(classifier.record, chosen="epochs" in _given(context))
    metrics = (measure_sets if classifier.multilabel else measure)(classifier, splits.test)
    simple = baseline_of(splits, classifier.labels) if baseline else None
    held_out = held_out_of(opened, splits, test=test, share=test_share, seed=seed)
    save(tested_on(classifier, metrics, simple, held_out), output, force=force)
    drop(checkpoint)
    print_fit(metrics, simple, repeats, (classifier, output), as_json=as_json)


def _given(context: typer.Context) -> dict[str, Any]:
    """The options of `OPTIONS` that stand on the command line: a default must not override a preset."""
    source = context.get_parameter_source
    names = (
        name for name in OPTIONS if (origin := source(name)) is not None and origin.name == "COMMANDLINE"
    )
    return {name: context.params[name] for name in names}
