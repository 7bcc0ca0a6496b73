"""Made-up reports of any size, and a browser that reads them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convlens.data import Corpus
from convlens.evaluate import EvaluateConfig, Evaluation, evaluate
from convlens.explain import VarianceCut
from convlens.filters import (
    CardConfig,
    Cluster,
    FilterCard,
    FilterCards,
    Negative,
    Negatives,
    Ngram,
    SlotWord,
)
from convlens.models import Classifier, Metrics
from convlens.report.data import (
    ClassWords,
    Document,
    Head,
    ImportantWord,
    ImportantWords,
    MethodFacts,
    Points,
    Projection,
    ReportData,
    TokenScores,
    WordMap,
    WordTotal,
)

TEXT = """the a film of and in is it that with plot actors story warm dull funny tedious brilliant awful slow
charming never quite because screen character performance script music scene moving cold clever predictable"""
VOCABULARY = TEXT.split()
REGIONS = (3, 4, 5)
METHODS = (
    MethodFacts("words", "exact", "The share of each word."),
    MethodFacts("gradient-x-input", "remainder", "Slopes times vectors."),
    MethodFacts("sensitivity", "none", "Squared slopes.", signed=False),
)


@pytest.fixture
def make_data() -> Callable[..., ReportData]:
    return made_up


def made_up(
    documents: int = 12,
    *,
    words: int = 30,
    labels: tuple[str, ...] = ("negative", "positive"),
    texts: tuple[str, ...] = (),
    labelled: bool = True,
    filters: int = 30,
) -> ReportData:
    """A report whose numbers add up as those of a model do; `texts` come first, then random ones."""
    rng = np.random.default_rng(0)
    regions = tuple(REGIONS[i % len(REGIONS)] for i in range(filters))
    head = Head(rng.normal(size=(filters, len(labels))) * 0.3, rng.normal(size=len(labels)) * 0.1, regions)
    rows = [_document(i, texts, words, head, rng) for i in range(documents)]
    if not labelled:
        rows = [Document(**{**vars(row), "truth": None}) for row in rows]
    return ReportData(
        title="Movie reviews",
        date="2026-01-31",
        version="0.1.0",
        labels=labels,
        model=(
            ("Regions", "3, 4 and 5 words"),
            ("Filters", f"{filters}"),
            ("Vocabulary", "18,765 words"),
            ("Word vectors", "100 numbers, GloVe 6B, tuned, for 92.3% of the vocabulary, the rest random"),
        ),
        data=(("Source", "reviews/test.csv"), ("Documents", f"{documents:,}"), ("Classes", f"{len(labels)}")),
        notes=("These reviews stand in for the corpus of the paper, which may not be passed on.",),
        total=documents,
        predicted=tuple(
            np.bincount(
                np.array([row.logits.argmax() for row in rows], np.int64), minlength=len(labels)
            ).tolist()
        ),
        metrics=Metrics(labels, _confusion(rows, len(labels))) if labelled else None,
        methods=METHODS,
        left_out=("For one text there is also greedy.",),
        documents=tuple(rows),
        words=tuple(_totals(rng) for _ in labels),
        importance=_importance(len(labels)),
        plane=_map(),
        filters=FilterCards(
            tuple(_card(i, region, labels, rng) for i, region in enumerate(regions)),
            40,
            900,
            CardConfig(),
            40,
        ),
        points=_points(rows, filters),
        head=head,
        cuts=(VarianceCut(0.0, 0.0, 1.0, 0.8), VarianceCut(0.05, 0.7, 0.96, 0.75)) if filters else (),
        fit_cut=int(filters > 0),
        projection=_projection(rows, labels, rng) if documents > 2 else None,
    )


def _document(i: int, texts: tuple[str, ...], words: int, head: Head, rng: np.random.Generator) -> Document:
    text = texts[i] if i < len(texts) else " ".join(rng.choice(VOCABULARY, max(words - i % 7, 3))) + "."
    spans, at = [], 0
    for word in text.split(" "):
        if word:
            spans.append((at, at + len(word)))
        at += len(word) + 1
    filters, classes = head.weights.shape
    scores = rng.normal(size=(len(spans), classes)) ** 3 * (rng.random((len(spans), 1)) < 0.5)
    bias = np.zeros(classes) if spans else head.biases
    logits = (scores.sum(0) + bias).astype(np.float32)
    few = tuple(sorted(np.argsort(-logits)[:4].tolist()))
    slopes = rng.normal(size=(len(spans), len(few)))
    token_scores = (
        TokenScores(scores, np.zeros(classes), scores.sum(0), bias),
        TokenScores(slopes, np.zeros(len(few)), slopes.sum(0), logits[list(few)] - slopes.sum(0)),
        TokenScores(slopes**2, np.zeros(len(few)), (slopes**2).sum(0), np.zeros(len(few))),
    )
    return Document(
        number=i + 1,
        text=text,
        spans=tuple(spans),
        words=len(spans),
        cut=False,
        truth=int(logits.argmax()) if rng.random() < 0.8 else int(rng.integers(classes)),
        token_scores=token_scores,
        few=few,
        logits=logits,
        pooled=np.maximum(rng.normal(size=filters), 0),
        positions=rng.integers(0, max(len(spans) - 5, 1), filters) if spans else np.full(filters, -1),
        hidden={},
    )


def _projection(rows: list[Document], labels: tuple[str, ...], rng: np.random.Generator) -> Projection:
    names = labels[:8]
    of = np.array([min(int(row.logits.argmax()), len(names) - 1) for row in rows])
    return Projection(("uniform", "lrp"), rng.uniform(-1, 1, (2, len(rows), 2)), names, of)


def _confusion(rows: list[Document], classes: int) -> Any:
    confusion = np.zeros((classes, classes), dtype=np.int64)
    for row in rows:
        confusion[row.truth, int(row.logits.argmax())] += 1
    return confusion


def _totals(rng: np.random.Generator) -> ClassWords:
    def side(sign: int) -> tuple[WordTotal, ...]:
        totals = sorted(rng.exponential(40, 25), reverse=True)
        return tuple(
            WordTotal(str(rng.choice(VOCABULARY)), sign * float(t), int(3 * t) + 1, int(2 * t) + 1)
            for t in totals
        )

    return ClassWords(side(1), side(-1))


def _importance(classes: int) -> ImportantWords:
    """Forty words, the first by all measures; every fifth occurs nowhere."""
    rng = np.random.default_rng(1)
    values = rng.exponential(9, (40, 3))
    places = (-values).argsort(0).argsort(0) + 1
    words = tuple(
        ImportantWord(
            f"{VOCABULARY[i % len(VOCABULARY)]}{i}",
            tuple(values[i].tolist()),
            (*places[i, :2].tolist(), int(places[i, 2]) if i % 5 else 0),
            int(rng.integers(1, 9)) if i % 5 else 0,
            int(rng.integers(classes)),
            float(rng.random()) if i % 5 else 0.0,
        )
        for i in range(40)
    )
    return ImportantWords(words, 10, 40, 32)


def _map() -> WordMap:
    """Twelve words, three important ones and the slots of the first three filters."""
    owners = tuple(f for f in range(3) for _ in range(REGIONS[f]))
    slots = tuple(j for f in range(3) for j in range(REGIONS[f]))
    points = np.random.default_rng(2).uniform(-1, 1, (12 + 3 + len(slots), 2))
    names = tuple(VOCABULARY[:15])
    return WordMap(names[:12], names[12:], owners, slots, points, (500, 3, len(slots)))


def _points(rows: list[Document], filters: int) -> Points:
    numbers, predicted = tuple(row.number for row in rows), tuple(int(row.logits.argmax()) for row in rows)
    return Points(numbers, predicted, np.array([row.pooled for row in rows]).reshape(-1, filters), len(rows))


def _card(i: int, region: int, labels: tuple[str, ...], rng: np.random.Generator) -> FilterCard:
    """A card; every fifth filter never gets pure enough."""
    pure, bias = i % 5 != 4, float(rng.normal())

    def ngram() -> Ngram:
        words, slots = tuple(rng.choice(VOCABULARY, region).tolist()), tuple(rng.normal(size=region).tolist())
        return Ngram(" ".join(words), words, sum(slots) + bias, slots, 3, int(rng.integers(0, 3)))

    def changed(of: Ngram, j: int) -> Negative:
        words, slots = list(of.words), list(of.slots)
        words[j], slots[j] = "dreadful", -2.5
        return Negative(
            Ngram(" ".join(words), tuple(words), sum(slots) + bias, tuple(slots), 1, 1), 1, j == 0
        )

    sizes = [*([12, 5] if pure else [])]
    clusters = tuple(
        Cluster(size, 3 * size, size / 17, tuple(rng.normal(size=region).tolist()), (ngram(), ngram()))
        for size in sizes
    )
    negatives = tuple(
        Negatives(c.examples[0], 9, 4, (changed(c.examples[0], 0), changed(c.examples[0], region - 1)))
        for c in clusters
    )
    return FilterCard(
        filter=i,
        region=region,
        label=labels[int(rng.integers(len(labels)))],
        weight=float(rng.random()),
        margin=float(rng.random()),
        bias=bias,
        threshold=float(rng.random()) if pure else None,
        purity=0.75 if pure else None,
        coverage=float(rng.random()) if pure else 0.0,
        passing=51 if pure else 0,
        sampled=1.0,
        gap=0.3,
        top_natural=tuple(ngram() for _ in range(4)),
        top_possible=tuple(ngram() for _ in range(4)),
        groups=len(clusters),
        clusters=clusters,
        negatives=negatives,
        slots=tuple(
            tuple(SlotWord(str(rng.choice(VOCABULARY)), float(rng.random())) for _ in range(4))
            for _ in range(region)
        ),
    )


@pytest.fixture(scope="session")
def evaluation(classifier: Classifier, corpus: Corpus) -> Evaluation:
    """A small one of the toy model."""
    methods = ("words", "sensitivity", "random")
    config = EvaluateConfig(methods, documents=20, deletions=4, runs=2, resamples=50, sanity=5)
    return evaluate(classifier, corpus, config)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A Chromium of this machine, without a network of its own."""
    import shutil

    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no Chromium on this machine: none of {', '.join(names)} is on the PATH")
    quiet = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    args = ["--no-sandbox", *quiet, "--disable-sync", "--no-first-run"]
    with sync.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=args)
        yield started
        started.close()


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open a page from disk; the test fails on any error in the console or any request."""
    from convlens.report.page import render

    troubles: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(180_000)  # a busy machine opens pages late

    def open_page(data: ReportData, **size: int) -> Any:
        path = tmp_path / "report.html"
        path.write_text(render(data), encoding="utf-8")
        page = context.new_page()
        if size:
            page.set_viewport_size(size)
        page.on("console", lambda m: m.type in ("error", "warning") and troubles.append(m.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda r: r.url.startswith(("file:", "data:")) or troubles.append(r.url))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
        return page

    yield open_page
    context.close()
    assert troubles == []
