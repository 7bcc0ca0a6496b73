"""From a labelled corpus to a classifier, in one call."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from convlens.arguments import check_settings, checked, renamed
from convlens.data import Corpus, TrainedOn, check_separator, check_trainable, split
from convlens.errors import InputError
from convlens.models.checkpoint import fingerprint, is_there, restore, store
from convlens.models.classifier import Classifier
from convlens.models.config import TextCNNConfig, TrainConfig
from convlens.models.families import TextModel, build, folded
from convlens.models.history import TrainingHistory
from convlens.models.kinds import ModelConfig, one_output
from convlens.models.textcnn import TextCNN
from convlens.models.thresholds import find_thresholds
from convlens.models.training import Examples, State, run, start
from convlens.models.watch import Watch, default_watch
from convlens.text import TextConfig, Tokenizer, WordVectors, build_tokenizer, lacks_spaces, match
from convlens.version import VERSION

INITIAL = 0.25  # random word vectors are drawn from [-0.25, 0.25], as in Kim 2014
SCARCE = 0.1  # share of the vocabulary with a vector below which it is said
VECTOR_DROPOUT = (
    0.5  # of pre-trained vectors; the last rows of `python -m benchmarks accuracy` tell what it gains
)


@dataclass(frozen=True)
class FitConfig:
    """All settings of a fit."""

    text: TextConfig = field(default_factory=TextConfig)
    model: ModelConfig = field(default_factory=TextCNNConfig)
    train: TrainConfig = field(default_factory=TrainConfig)

    def __post_init__(self) -> None:
        check_settings(self)
        static = isinstance(self.model, TextCNNConfig) and self.model.static_channel
        if static and (self.train.weight_decay or not self.train.tune_vectors):
            raise InputError(
                "a static channel stands beside word vectors that are trained, and stays as it is: leave out the weight decay, "
                "and tune the vectors"
            )


@dataclass(frozen=True)
class FitConstraints:
    """What a fit must keep to: of the vocabulary only `words`, all others are unknown; `prepare` sets weights of the new
    model, and freezes them, before the first epoch (whoever goes on from a checkpoint must give the same again). With `anew`
    a checkpoint is not taken up, and stays until the first epoch replaces it."""

    words: Collection[str] | None = None
    prepare: Callable[[TextModel], None] | None = None
    anew: bool = False


Limits = FitConstraints  # the old name


@renamed(limits="constraints")
@checked
def fit(
    corpus: Corpus,
    config: FitConfig | None = None,
    *,
    vectors: WordVectors | None = None,
    checkpoint: Path | None = None,
    watch: Watch | None = None,
    constraints: FitConstraints | None = None,
) -> Classifier:
    """Train a model, of the family of its config, on a labelled corpus and return it with its best weights.

    A corpus of label sets gives a model of several labels at once, whose logits are trained by binary cross entropy each.
    A stratified share of the rows is held out to decide when to stop. With `checkpoint`, the
    state is stored there after every epoch, and taken up if it is there already. Ctrl-C ends
    training early with the best weights so far. The filters of a `TextCNN` get their thresholds. On a CPU the same seed gives the same bits.
    `watch` hears of the progress; by default a bar shows it where stderr is a terminal. `constraints` keeps a
    fit to some words or weights; `limits` is its old name.
    """
    config = config or FitConfig()
    _check(corpus, config.model)
    if vectors is not None:
        config = replace(config, model=_with_vectors(config.model, vectors))
    parts = split(corpus, share=config.train.validation, seed=config.train.seed)
    constraints = constraints or FitConstraints()
    config, notices = _with_splitter(config, parts.train.texts)
    tokenizer = _kept(build_tokenizer(parts.train.texts, config.text), constraints.words)
    if not tokenizer.words and constraints.words is None:
        raise InputError(
            f"the vocabulary is empty: no token comes {config.text.min_count} times in the training texts: take a "
            "lower --min-count, or --tokenizer characters where texts have no spaces"
        )
    model, coverage = _new_model(tokenizer, len(corpus.label_names), config, vectors)
    if constraints.prepare is not None:
        constraints.prepare(model)
    state = start(model, config.train)
    chosen = () if constraints.words is None else (tokenizer.words,)
    identity = fingerprint(config, corpus.texts, corpus.labels or corpus.sets, coverage, VERSION, *chosen)
    if checkpoint is not None and not constraints.anew and is_there(checkpoint):
        restore(state, checkpoint, identity)
    examples = _examples(tokenizer, parts.train), _examples(tokenizer, parts.test)
    with watch or default_watch() as hearing:
        for notice in notices + _scarce(vectors, tokenizer):
            hearing.on_notice(notice)
        hearing.on_start(tokenizer, coverage, config.train.epochs)
        interrupted = _train(state, examples, config.train, hearing, _storing(state, checkpoint, identity))
    rows = {"train": len(parts.train), "validation": len(parts.test)}
    record = replace(_record(corpus, config, state, coverage), rows=rows, interrupted=interrupted)
    model, trained_on = _finish(state, examples[0]), TrainedOn.of(parts.train.texts, parts.test.texts)
    separator = None if corpus.sets is None else corpus.separator
    return Classifier(model, tokenizer, corpus.label_names, record, trained_on, separator)


def _check(corpus: Corpus, model: ModelConfig) -> None:
    """Refuse before the training what no classifier can be trained on, or not this one."""
    check_trainable(corpus)
    if corpus.sets is None:
        return
    check_separator(corpus.separator, corpus.label_names)
    if one_output(model):
        raise InputError(
            f"{corpus.source} has several labels to a text, which one output cannot tell apart: leave out the one logit or sigmoid"
        )


def _with_splitter(config: FitConfig, texts: Sequence[str]) -> tuple[FitConfig, list[str]]:
    """The config with a splitter of `SPLITTERS` in place of "auto", and what there is to say about it."""
    text = config.text.resolved(texts)
    notice = None
    if text != config.text and text.splitter == "characters":
        notice = (
            "most letters are of a script without spaces: each character is a token "
            "(as --tokenizer characters; --tokenizer words keeps runs of letters whole)"
        )
    elif text.splitter != "characters" and lacks_spaces(texts):
        notice = (
            f"most letters are of a script without spaces, where --tokenizer {text.splitter} takes whole clauses "
            "as words: --tokenizer characters is likely better"
        )
    return replace(config, text=text), [] if notice is None else [notice]


def _scarce(vectors: WordVectors | None, tokenizer: Tokenizer) -> list[str]:
    """That vectors cover little of the vocabulary, where they do."""
    share = 1.0 if vectors is None else match(vectors, tokenizer.words).coverage
    if vectors is None or share >= SCARCE:
        return []
    notice = (
        f"{vectors.source} covers only {share:.1%} of the {len(tokenizer.words):,} words of the vocabulary, the "
        "rest start at random: check its language, its case and --tokenizer"
    )
    return [notice]


def _kept(tokenizer: Tokenizer, words: Collection[str] | None) -> Tokenizer:
    if words is None:
        return tokenizer
    wanted = frozenset(words)
    return replace(tokenizer, words=tuple(word for word in tokenizer.words if word in wanted))


def _with_vectors(config: ModelConfig, vectors: WordVectors) -> ModelConfig:
    """Take the vectors' length, and drop half their numbers in training unless told otherwise."""
    dropout = VECTOR_DROPOUT if config.vector_dropout is None else config.vector_dropout
    return replace(config, dim=vectors.dim, vector_dropout=dropout)


def _new_model(
    tokenizer: Tokenizer, classes: int, config: FitConfig, vectors: WordVectors | None
) -> tuple[TextModel, str]:
    """A seeded model, its word vectors taken over where there are any, and a word on their coverage."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.train.seed)
        model = build(config.model, tokenizer.size, classes)
        nn.init.uniform_(model.embed.weight, -INITIAL, INITIAL)
    with torch.no_grad():
        model.embed.weight[0] = 0
        if vectors is None:
            return _with_copy(model), ""
        matched = match(vectors, tokenizer.words)
        if not matched.found.any() and tokenizer.words:
            shown = ", ".join(repr(word[:20]) for word in tokenizer.words[:3])
            raise InputError(
                f"{vectors.source} has none of the {len(tokenizer.words):,} words of the vocabulary ({shown} ...): check "
                "its language, its case and --tokenizer"
            )
        rows = torch.from_numpy(matched.found)
        model.embed.weight[2:, : vectors.dim][rows] = torch.from_numpy(matched.matrix)[rows]
        _with_copy(model)
    tuned = "tuned" if config.train.tune_vectors else "frozen"
    return model, f"{vectors.source}, {tuned}, for {matched.coverage:.1%} of the vocabulary, the rest random"


def _with_copy(model: TextModel) -> TextModel:
    """The model, its static channel where it has one the copy of the other."""
    if isinstance(model, TextCNN) and model.config.static_channel:
        model.embed.weight[:, model.config.dim :] = model.embed.weight[:, : model.config.dim]
    return model


def _storing(state: State, checkpoint: Path | None, identity: str) -> Callable[[], None]:
    """What to do after every epoch."""
    return (lambda: None) if checkpoint is None else (lambda: store(state, checkpoint, identity))


def _examples(tokenizer: Tokenizer, corpus: Corpus) -> Examples:
    truth = (
        np.asarray(corpus.labels, np.int64) if corpus.sets is None else corpus.membership().astype(np.float32)
    )
    return Examples(tokenizer.ids(corpus.texts), truth)


def _train(
    state: State,
    examples: tuple[Examples, Examples],
    config: TrainConfig,
    watch: Watch,
    store_epoch: Callable[[], None],
) -> bool:
    """Run to the end; True when Ctrl-C ended it after at least one epoch."""
    try:
        for epoch in run(state, *examples, config, watch.on_step):
            store_epoch()
            watch.on_epoch(len(state.epochs), epoch)
    except KeyboardInterrupt:
        if not state.epochs:
            raise
        return True
    return False


def _record(corpus: Corpus, config: FitConfig, state: State, coverage: str) -> TrainingHistory:
    return TrainingHistory(
        data=corpus.source,
        note=corpus.note,
        settings=json.loads(json.dumps(asdict(config))),  # JSON values, as they come back
        vectors=coverage,
        epochs=state.epochs,
        best=state.best_epoch,
        version=VERSION,
    )


def _finish(state: State, trained: Examples) -> TextModel:
    """The model with its best weights, and the thresholds of the filters that follow from them and what was trained on."""
    state.model.load_state_dict(state.best)
    model = folded(state.model).requires_grad_(True).eval()
    if isinstance(model, TextCNN):
        model.thresholds = find_thresholds(model, trained.documents, multilabel=trained.multilabel)
    return model
