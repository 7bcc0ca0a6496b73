"""The IMDb filter paper: one importance for each word of a model."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from convlens.compress import Trained, ablate, crowds, prune_words
from convlens.data import Corpus, Splits, split
from convlens.explain import project
from convlens.filters import word_table
from convlens.models import PRESETS, Classifier, DeepTextCNN, Watch, build, fit
from convlens.papers.charts import bars, lines, points
from convlens.papers.exhibit import (
    BETTER,
    DIFFERS,
    REPRODUCED,
    Exhibit,
    Finding,
    Paper,
    judged,
    margin,
    spread,
    table,
)
from convlens.papers.lab import Lab
from convlens.text import WordVectors, build_tokenizer, train_word2vec

DATA = ("imdb",)
ABLATED = {"kept": 0.8319, "within": 0.8137, "across": 0.7845, "random": 0.6793}
KEPT = {100.0: 0.8319, 80.0: 0.8316, 50.0: 0.8314, 10.0: 0.8367, 5.0: 0.8253, 1.0: 0.7816, 0.5: 0.7462}
BASELINES = {"top": 0.8442, "all": 0.8533, "random": 0.6429, "rest": 0.7452}
CROWDED = {
    1: 1.0,
    5: 0.8504,
    10: 0.6209,
    20: 0.5081,
    100: 0.3609,
    200: 0.3198,
    500: 0.2230,
    1000: 0.2113,
    2000: 0.1064,
}
PARAMETERS = 2_476_097


def data(lab: Lab) -> Splits:
    """All 50,000 reviews, a tenth of them held out."""
    whole = lab.data("imdb")
    train, test = whole.train, whole.test
    assert train.labels is not None
    assert test.labels is not None
    everything = replace(train, texts=train.texts + test.texts, labels=train.labels + test.labels)
    if lab.quick:
        everything = everything.take(range(0, len(everything), 3))
    return split(everything, share=0.1, seed=0)


def vectors(lab: Lab, corpus: Corpus) -> WordVectors:
    """word2vec of 100 numbers, trained on the reviews."""
    config = PRESETS["imdb-filters"].config

    def make() -> WordVectors:
        return train_word2vec(build_tokenizer(corpus.texts, config.text), corpus.texts, dim=100)

    return lab.vectors("imdb-word2vec", make)


def model(lab: Lab, seed: int = 0, *, tuned: bool = False) -> Classifier:
    """Their network, its word vectors frozen or tuned."""
    config = PRESETS["imdb-filters"].config
    epochs = lab.few(config.train.epochs, 2)
    config = replace(config, train=replace(config.train, tune_vectors=tuned, epochs=epochs, seed=seed))

    def make() -> Classifier:
        corpus = data(lab).train
        return fit(corpus, config, vectors=vectors(lab, corpus), watch=Watch())

    return lab.classifier(f"imdb-{'tuned' if tuned else 'frozen'}-{seed}", make)


def table1(lab: Lab) -> Finding:
    """The layers and their parameters."""
    words = 23_363
    net = build(PRESETS["imdb-filters"].config.model, words + 2, 2)
    assert isinstance(net, DeepTextCNN)
    layers = {
        "embedding": net.embed,
        **{f"convolution {i}": conv for i, conv in enumerate(net.convolutions, 1)},
        "fully connected": net.dense,
        "output": net.head,
    }
    counts = {
        name: sum(p.numel() for p in part.parameters()) for name, part in layers.items() if part is not None
    }
    theirs = (2_336_400, 16_032, 2_576, 120_960, 129)
    rows = [(name, paper, count) for paper, (name, count) in zip(theirs, counts.items(), strict=True)]
    total = sum(counts.values())
    same = total - 100 == PARAMETERS
    body = table(("layer", "theirs", "ours"), [*rows, ("all", PARAMETERS, total)])
    why = "ours has one row of 100 zeros more, for padding"
    return Finding(f"{PARAMETERS:,}", f"{total:,}", REPRODUCED if same else DIFFERS, body, why)


def _trained(made: Trained) -> dict[str, Any]:
    """What a training gave, and after each epoch the seconds so far and the accuracy on the rows held out in training."""
    epochs = made.classifier.record.epochs
    seconds = np.cumsum([epoch.seconds for epoch in epochs]).tolist()
    return {**made.to_dict(), "curve": [seconds, [epoch.validation_accuracy for epoch in epochs]]}


def _kept(lab: Lab, name: str, make: Callable[[], list[dict[str, Any]]]) -> dict[Any, dict[str, Any]]:
    rows: list[dict[str, Any]] = lab.part(name, make)
    return {(row["kind"], row["share"]): row for row in rows}


def table2(lab: Lab) -> Finding:
    """The first convolution kept, shuffled, random."""
    runs = [_kept(lab, f"imdb-table2-{seed}", partial(_ablated, lab, seed)) for seed in lab.seeds]
    found = {kind: [run[kind, 100.0]["accuracy"] for run in runs] for kind in ABLATED}
    means = {kind: float(np.mean(values)) for kind, values in found.items()}
    ordered = list(means.values()) == sorted(means.values(), reverse=True)
    body = (
        table(
            ("first convolution, frozen", "theirs", "ours"),
            [(kind, f"{ABLATED[kind]:.2%}", spread(values)) for kind, values in found.items()],
        )
        + f"\n{len(runs)} trainings of each.\n\n![Figure 1: accuracy by kind](imdb-filters-figure1.svg)\n"
    )
    return Finding(
        "kept 83.19, within 81.37, across 78.45, random 67.93",
        ", ".join(f"{kind} {100 * value:.2f}" for kind, value in means.items()),
        REPRODUCED if ordered else DIFFERS,
        body,
        _steps(means, ordered=ordered, rows=len(data(lab).test)),
        {"figure1.svg": bars(means, "accuracy, first convolution frozen")},
    )


def _ablated(lab: Lab, seed: int) -> list[dict[str, Any]]:
    splits = data(lab)
    start = vectors(lab, splits.train)
    made = ablate(model(lab, seed), splits, vectors=start, seed=seed, watch=Watch())
    return [_trained(one) for one in made]


def _steps(means: dict[str, float], *, ordered: bool, rows: int) -> str:
    """What the order rests on: which steps down are greater than what test rows alone make."""
    noise = margin(list(means.values()), rows)
    near = [f"{a} and {b}" for (a, up), (b, down) in pairwise(means.items()) if up - down < noise]
    told = "the order holds" if ordered else "the order does not hold"
    return f"{told}; test rows alone make ±{100 * noise:.1f} points" + (
        f", more than lies between {' or between '.join(near)}" if near else ""
    )


def table3(lab: Lab) -> Finding:
    """k-means over words and filter columns."""
    sizes = [k for k in CROWDED if k <= lab.few(2000, 20)]
    found = lab.part("imdb-table3", lambda: [vars(one) for one in crowds(model(lab), sizes)])
    rows = [
        (
            one["clusters"],
            f"{CROWDED[one['clusters']]:.2%}",
            f"{one['share']:.2%}",
            f"{one['columns']} of {one['all_columns']}",
        )
        for one in found
    ]
    body = table(("k", "theirs: words in the largest cluster", "ours", "filter columns in it"), rows)
    inside = [one for one in found if one["columns"] > one["all_columns"] / 2]
    holds = len(inside) == len(found)
    ours = f"in {len(inside)} of {len(found)} sizes most columns are in the largest cluster"
    verdict, why = (
        (REPRODUCED, "filters lie where most words do")
        if holds
        else (DIFFERS, "our filters are longer than most word vectors")
    )
    return Finding("the largest cluster holds all 160 filter columns", ours, verdict, body, why)


def table4(lab: Lab) -> Finding:
    """The most important words alone, frozen vectors."""
    ways = _curves(lab)
    shares = [share for kind, share in ways["printed"] if kind == "top"]
    whole = ways["printed"]["all", 100.0]
    kept = {
        share: {way: found["top", share]["accuracy"] for way, found in ways.items()} for share in (5.0, 1.0)
    }
    lost = {way: whole["accuracy"] - accuracy for way, accuracy in kept[5.0].items()}
    rows = [_kept_row(share, ways) for share in [100.0, *shares]]
    head = ("words kept, %", "words", "theirs", "ours: equation 1", "ours: evidence (gradient x input)")
    verdict = (
        BETTER
        if kept[1.0]["evidence"] > KEPT[1.0] and lost["evidence"] <= 0.01
        else REPRODUCED
        if lost["printed"] <= 0.01
        else DIFFERS
    )
    why = (
        f"at 5 % of the words {_points(lost['evidence'])} points are lost by evidence, {_points(lost['printed'])} by equation 1, "
        f"theirs lose {_points(KEPT[100.0] - KEPT[5.0])}"
    )
    told = ", ".join(
        f"{share:g} %: {_points(by['evidence'])} by evidence, {_points(by['printed'])} by equation 1"
        for share, by in kept.items()
    )
    return Finding("5 %: 82.53, 1 %: 78.16", told, verdict, table(head, rows), why)


def _curves(lab: Lab) -> dict[str, dict[Any, dict[str, Any]]]:
    """Accuracies by the share of the words that is kept, for two importances."""
    shares = [share for share in KEPT if share < 100 and (share in (5.0, 1.0) or not lab.quick)]
    few = [share for share in shares if share <= 5]
    return {"printed": _pruned(lab, "printed", shares), "evidence": _pruned(lab, "evidence", few)}


def _kept_row(share: float, ways: dict[str, dict[Any, dict[str, Any]]]) -> tuple[object, ...]:
    found = {way: rows.get(("all" if share == 100 else "top", share)) for way, rows in ways.items()}
    ours = [f"{row['accuracy']:.2%}" if row else "" for row in found.values()]
    return f"{share:g}", (found["printed"] or {}).get("words", ""), f"{KEPT[share]:.2%}", *ours


def _points(share: float) -> str:
    return f"{100 * share:.2f}"


def _pruned(lab: Lab, by: str, shares: list[float], *, tuned: bool = False) -> dict[Any, dict[str, Any]]:
    def make() -> list[dict[str, Any]]:
        splits = data(lab)
        start = vectors(lab, splits.train)
        found = prune_words(model(lab, tuned=tuned), splits, shares, by=by, vectors=start, watch=Watch())
        return [_trained(one) for one in found]

    return _kept(lab, f"imdb-pruned-{by}{'-tuned' if tuned else ''}", make)


def table5(lab: Lab) -> Finding:
    """The important words beside random ones and all others, tuned vectors."""
    found = {kind: row for (kind, _), row in _pruned(lab, "printed", [5.0], tuned=True).items()}
    rows = [
        (
            kind,
            found[kind]["words"],
            f"{BASELINES[kind]:.2%}",
            f"{found[kind]['accuracy']:.2%}",
            f"{found[kind]['epoch_seconds']:.1f}",
            found[kind]["parameters"],
        )
        for kind in BASELINES
    ]
    noise = margin([found[kind]["accuracy"] for kind in BASELINES], len(data(lab).test))
    holds = found["top"]["accuracy"] > max(found["random"]["accuracy"], found["rest"]["accuracy"]) + noise
    body = (
        table(("words", "number", "theirs", "ours", "seconds an epoch", "parameters"), rows)
        + "\nFigure 6, a point after each epoch, accuracy on the rows held out in training:\n\n"
        "![Accuracy by training time](imdb-filters-figure6.svg)\n"
    )
    picture = lines(
        {kind: tuple(found[kind]["curve"]) for kind in BASELINES}, "seconds of training", "accuracy"
    )
    ours = ", ".join(f"{kind} {100 * found[kind]['accuracy']:.2f}" for kind in BASELINES)
    verdict = judged(found["top"]["accuracy"], BASELINES["top"], 0.005) if holds else DIFFERS
    told = "important words before random ones and before all others"
    why = f"{told}{'' if holds else ' does not hold'} beyond the ±{100 * noise:.1f} points that test rows alone make"
    return Finding(
        "top 84.42, all 85.33, random 64.29, rest 74.52", ours, verdict, body, why, {"figure6.svg": picture}
    )


def figures(lab: Lab) -> Finding:
    """Words, important words and filter columns in the plane; accuracy by the words kept."""
    made = lab.part("imdb-figures", partial(_planes, lab))
    curves = {
        way: sorted((row["share"], row["accuracy"]) for row in found.values())
        for way, found in _curves(lab).items()
    }
    pictures = {
        "figure2.svg": points({name: tuple(made[name]) for name in ("words", "filters")}),
        "figure3.svg": points({name: tuple(made[name]) for name in ("words", "important words")}),
        "figure4.svg": points({"important words": tuple(made["important words"])}),
        "figure5.svg": lines(
            {way: ([s for s, _ in curve], [a for _, a in curve]) for way, curve in curves.items()},
            "words kept, %",
            "accuracy",
            logarithmic=True,
        ),
    }
    body = (
        "Figure 2, words and filter columns; figure 3, all words and the most important 5 %; figure 4, those alone; figure 5, "
        "accuracy by the words kept.\n\n"
        + "\n\n".join(f"![{name}](imdb-filters-{name})" for name in pictures)
        + "\n"
    )
    spread_of = made["spread"]
    ours = f"important words spread {spread_of:.1f} times as far as all"
    return Finding(
        "filters in the middle of the words, important words around",
        ours,
        REPRODUCED if spread_of > 1 else DIFFERS,
        body,
        "",
        pictures,
    )


def _planes(lab: Lab) -> dict[str, Any]:
    classifier = model(lab)
    weights = classifier.model.convolutions[0].weight.detach()
    columns = weights.transpose(1, 2).flatten(0, 1).numpy()
    words = classifier.model.embed.weight.detach().numpy()[2:]
    plane = project(np.concatenate([words, columns]))
    ranked = word_table(classifier)["word"].to_list()[: len(words) // 20]
    number = {word: i for i, word in enumerate(classifier.tokenizer.words)}
    important = np.array([number[word] for word in ranked if word in number])
    some = np.arange(0, len(words), max(len(words) // 1500, 1))
    chosen = {"words": plane[some], "filters": plane[len(words) :], "important words": plane[important]}
    return {
        **{name: [at[:, 0].tolist(), at[:, 1].tolist()] for name, at in chosen.items()},
        "spread": float(plane[important].std() / plane[: len(words)].std()),
    }


PAPER = Paper(
    "imdb-filters",
    "The IMDb filter paper: one importance for each word of the whole model",
    (
        Exhibit("table1", "Layers and parameters", (), table1),
        Exhibit("table2", "The first convolution kept, shuffled, random", DATA, table2),
        Exhibit("table3", "k-means over words and filter columns", DATA, table3),
        Exhibit("table4", "Training on the most important words", DATA, table4),
        Exhibit("table5", "Important words beside random ones and the rest", DATA, table5),
        Exhibit("figures", "Words and filters in the plane; accuracy by words kept", DATA, figures),
    ),
    (
        "Section 3.4 has 13,363 words once, everything else 23,363.",
        (
            "Their words are those of an English dictionary, ours the 23,363 most frequent that are letters and no stop words "
            "(scikit-learn's list). Words that are not kept are left out of the text."
        ),
        (
            "What their tables call test is the tenth held out; so it is here. Equation 1 as printed is a weighted l1 norm of a "
            "word's vector."
        ),
    ),
)
