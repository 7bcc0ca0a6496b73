"""Texts: every way to cut, trace and explain them agrees, and what shows them is safe."""

import io
import json
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from rich.console import Console

from benchmarks.fuzzing.runs import READ, Kind, Wrong
from benchmarks.fuzzing.writing import text
from convlens.compress import disable, find_pattern
from convlens.explain import Explanation, explain, explain_all, slots
from convlens.files import printable
from convlens.models import Classifier, TextCNN, TextCNNConfig
from convlens.text import SPLITTERS, TextConfig, build_tokenizer
from convlens.text import tokenizer as tokenizers
from convlens.trace import vocabulary_table

INPUTS = 100  # texts at once
CLOSE = 4  # of them that are looked at one by one
METHODS = ("ngrams", "lrp", "gradient-x-input", "loss-change", "occlusion", "sensitivity", "greedy")
CONFIGS = (
    TextConfig(min_count=1),
    TextConfig(min_count=1, lower=False, max_tokens=7),
    TextConfig(min_count=2, max_words=40, max_tokens=50),
    TextConfig(min_count=1, only=r"[^\W\d_]+", keep_stop_words=False),
    TextConfig(min_count=2, keep_unknown=False, max_tokens=9),
    *(TextConfig(splitter, min_count=1) for splitter in SPLITTERS if splitter != "words"),
)
PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")  # halves that are one character where they meet
HARMLESS = {"div", "span", "b"}
CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def rounding(model: TextCNN) -> float:
    """What float32 may lose of a logit at most: its steps, times what its terms can sum to, times half a unit in the last place.

    A term is at most a word vector's length times that of a filter's slot; a logit sums up filters, each of n words of d numbers.
    """
    with torch.no_grad():
        longest = model.embed.weight.double().norm(dim=1).max()
        peaks = torch.cat(
            [
                longest * conv.weight.double().norm(dim=1).sum(1)
                + (0 if conv.bias is None else conv.bias.double().abs())
                for conv in model.convolutions
            ]
        )
        sizes = model.head.weight.double().abs() @ peaks
        if model.head.bias is not None:
            sizes = sizes + model.head.bias.double().abs()
    widest, filters = max(model.config.regions), model.head.in_features
    steps = widest * model.config.dim + 2 * widest * filters + 8
    return float(2 * steps * 2.0**-24 * sizes.max())


def make(folder: Path) -> None:
    """Nothing is written, models and texts follow from chance; but the kernels are compiled, once for all processes."""
    load(folder)


def load(folder: Path) -> list[Classifier]:
    """A classifier of each tokeniser, and one with masked n-grams; each was used once, so that all kernels are loaded."""
    rng = random.Random(0)
    texts = [text(rng) for _ in range(200)]
    classifiers = [_random(config, texts, seed) for seed, config in enumerate(CONFIGS)]
    patterns = [find_pattern(classifiers[0], f"ngram:{words}") for words in ("the film", "a the film")]
    classifiers += [disable(classifiers[0], patterns), classifiers[0], classifiers[0]]
    for classifier in classifiers:
        check_cutting(classifier, texts)
        check_tracing(classifier, texts)
    for method in METHODS:
        check_methods(classifiers[0], texts[:9], method)
        with patch.object(slots, "FEW", 0):  # so that all kernels are compiled
            explain_all(
                classifiers[0], texts[:9], method=method, source=vocabulary_table(classifiers[0].model)
            )
    return classifiers


def _random(config: TextConfig, texts: Sequence[str], seed: int) -> Classifier:
    tokenizer = build_tokenizer([*texts, "a the film " * 3], config)
    torch.manual_seed(seed)
    shape = TextCNNConfig((1, 2, 4)[: 1 + seed % 3], 5, 6, filter_bias=seed % 2 == 0)
    model = TextCNN(shape, tokenizer.size, 2 + seed % 3).eval()
    return Classifier(model, tokenizer, ("<b>negative", "pos\x1b[1m", "\u202e0", "4")[: 2 + seed % 3])


def attempt(classifiers: list[Classifier], rng: random.Random, place: Path) -> str:
    """A hundred texts through one of the classifiers."""
    classifier = rng.choice(classifiers)
    texts = [text(rng) for _ in range(INPUTS)]
    (place / "texts.json").write_text(json.dumps([repr(classifier.tokenizer.config), *texts]))
    check_cutting(classifier, texts)
    explanations = check_tracing(classifier, texts)
    for i in rng.sample(range(INPUTS), CLOSE):
        check_alone(classifier, explanations[i])
        check_shown(explanations[i])
    if rng.random() < 0.2:
        method = rng.choice(METHODS)
        check_methods(
            classifier, texts[: INPUTS // 5] if method == "greedy" else texts, method
        )  # 50 passes a text
    return READ


def check_cutting(classifier: Classifier, texts: Sequence[str]) -> None:
    """Kernels and regular expressions cut and look up alike; tokens are in order, and only white space is lost."""
    tokenizer = classifier.tokenizer
    with patch.object(tokenizers, "pays", lambda texts: True):
        fast, ids = tokenizer.encode_all(texts), tokenizer.ids(texts)
    for i, written in enumerate(texts):
        slow, tokens = tokenizer.encode(written), fast[i]
        if slow.spans != tokens.spans or not np.array_equal(slow.ids, tokens.ids):
            raise Wrong(f"kernels cut otherwise than the expression\ntext {i}: {slow.spans}, {tokens.spans}")
        if not np.array_equal(slow.ids, ids[i]):
            raise Wrong(f"ids differ from those of encode_all\ntext {i}")
        flat = [place for span in slow.spans for place in span]
        if (
            flat != sorted(flat)
            or any(a >= b for a, b in slow.spans)
            or not all(0 <= p <= len(written) for p in flat)
        ):
            raise Wrong(f"spans out of order or range\ntext {i}: {slow.spans}")
        whole = replace(tokenizer.config, max_tokens=None) == tokenizer.config and tokenizer.config.complete
        edges = [0, *flat, len(written)]
        between = "".join(written[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))
        if whole and between.strip():
            raise Wrong(f"more than white space is lost\ntext {i}: {between!r}")


def check_tracing(classifier: Classifier, texts: Sequence[str]) -> list[Explanation]:
    """Slot tables and torch give the same logits, all parts sum to them, and `predict` says the same; the explanations."""
    model = classifier.model
    assert isinstance(model, TextCNN)
    slack = rounding(model)
    by_table = explain_all(classifier, texts, backend="table")
    by_torch = explain_all(classifier, texts, backend="torch")
    logits, labels = classifier.logits(texts), classifier.predict(texts)
    for i, (one, other) in enumerate(zip(by_table, by_torch, strict=True)):
        for way, explanation in (("the table", one), ("torch", other)):
            if not (explanation.residual or 0) <= slack:
                raise Wrong(
                    f"the residual by {way} is more than rounding\ntext {i}: {explanation.residual}, {slack}"
                )
            if not np.abs(explanation.logits - logits[i]).max() <= slack:
                raise Wrong(
                    f"the logits by {way} are not those of predict\ntext {i}: {explanation.logits}, {logits[i]}"
                )
            if explanation.text != texts[i] or explanation.spans != other.spans:
                raise Wrong(f"{way} answers about another text or other words\ntext {i}")
        first, second = np.sort(logits[i])[::-1][:2]
        if first - second > 2 * slack and not labels[i] == one.predicted == other.predicted:
            raise Wrong(f"predict and explain name different classes\ntext {i}: {labels[i]}, {one.predicted}")
    return by_table


def check_alone(classifier: Classifier, explanation: Explanation) -> None:
    """A text alone has the logits that it has in a batch."""
    assert isinstance(classifier.model, TextCNN)
    alone = explain(classifier, explanation.text)
    if not np.abs(alone.logits - explanation.logits).max() <= rounding(classifier.model):
        raise Wrong(f"a text alone has other logits\n{explanation.text!r}")


def check_shown(explanation: Explanation) -> None:
    """HTML is escaped and holds the text, JSON and frames hold all tokens, and no control reaches a terminal."""
    html = explanation.to_html()
    page = Page()
    page.feed(html)
    page.close()
    if page.tags - HARMLESS:
        raise Wrong(f"HTML holds tags of the text\n{page.tags}")
    whole = len(explanation.spans) < 3000 and not PAIR.search(explanation.text)
    if whole and printable(explanation.text).replace("\0", "\ufffd") not in "".join(page.data):
        raise Wrong(f"HTML does not hold the text\n{explanation.text!r}")
    values = json.loads(explanation.to_json())
    if (values["text"] != explanation.text and not PAIR.search(explanation.text)) or len(
        values["tokens"]
    ) != len(explanation.spans):
        raise Wrong(f"JSON holds another text\n{explanation.text!r}")
    if len(explanation.to_frame()) != len(explanation.spans):
        raise Wrong("a frame has not one row a token")
    screen = io.StringIO()
    Console(file=screen, width=80, color_system=None).print(explanation)
    if control := CONTROL.search(screen.getvalue()):
        raise Wrong(f"a control character reaches the terminal\n{control[0]!r}")


class Page(HTMLParser):
    """Tags with the names of their attributes, and all that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.data: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags |= {tag, *(name for name, _ in attrs if name not in ("style", "class", "title", "dir"))}

    def handle_data(self, data: str) -> None:
        self.data.append(data)

    def handle_comment(self, data: str) -> None:
        self.tags.add("<!--")


def check_methods(classifier: Classifier, texts: Sequence[str], method: str) -> None:
    """Another method gives finite scores, which sum to the logits where they are to."""
    assert isinstance(classifier.model, TextCNN)
    slack = rounding(classifier.model)
    for i, explanation in enumerate(explain_all(classifier, texts, method=method)):
        if not np.isfinite(explanation.scores).all():
            raise Wrong(f"{method} gives scores that are not finite\ntext {i}")
        if not (explanation.residual or 0) <= slack:
            raise Wrong(
                f"the residual of {method} is more than rounding\ntext {i}: {explanation.residual}, {slack}"
            )


KIND = Kind(make, load, attempt, inputs=INPUTS, attempts=50)
