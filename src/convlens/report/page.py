"""The page itself: template, styles and scripts from this package, data from `ReportData`."""

import base64
import hashlib
from collections import Counter
from importlib.resources import files
from typing import Any

import numpy as np
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from convlens.report.cards import (
    AT_ONCE,
    cards_index,
    chips,
    pack_cards,
    pack_points,
    points_index,
    ranked,
    told,
)
from convlens.report.data import ClassWords, Document, ImportantWords, Projection, ReportData
from convlens.report.payload import (
    GROUP,
    embed,
    floats,
    pack_details,
    pack_map,
    pack_map_names,
    pack_projection,
    pack_snippets,
    pack_texts,
    shown,
)
from convlens.report.trust import trust

SCRIPTS = (
    *("dom", "payload", "list", "text", "heats", "document", "ngrams"),
    *("sorting", "words", "importance", "pointing", "filters", "coverage"),
    *("strips", "card", "values", "vectors", "plane", "main"),
)
CLASSES = 40  # that the tables of classes show at most
STYLES = ("page", "documents", "views", "filters", "small")


def render(data: ReportData) -> str:
    """The report as one HTML page that loads nothing from anywhere."""
    environment = Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    style = "".join(_read(f"{name}.css") for name in STYLES)
    script = "".join(["'use strict';\n", *(_read(f"{name}.js") for name in SCRIPTS)])
    return environment.get_template("page.html").render(
        data=data,
        style=Markup(style),
        script=Markup(script),
        csp=_policy(style, script),
        index=embed(_index(data)),
        texts=pack_texts(data.documents),
        details=pack_details(data.documents),
        snippets=pack_snippets(data.documents),
        cloud=pack_projection(data.projection),
        map=pack_map(data.plane),
        map_names=pack_map_names(data.plane),
        cards=pack_cards(data.filters),
        values=pack_points(data.points),
        rows=[(card, chips(card)) for card in ranked(data.filters)] if data.filters else [],
        told=told(data.filters) if data.filters else None,
        trust=trust(data.evaluation),
        shades=_shades(data),
        largest=_largest(data),
        here=_here(data),
        predicted=_predicted(data),
    )


def _read(name: str) -> str:
    return (files("convlens.report") / "assets" / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Only this style and this script may run; nothing may be loaded."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _clean(value: Any) -> Any:
    """Control characters and lone surrogates, which HTML cannot hold, become U+FFFD."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return shown(value)
    return value


def _index(data: ReportData) -> dict[str, Any]:
    """What the page needs from the start."""
    documents = data.documents
    return {
        "labels": [_clean(label) for label in data.labels],
        "group": GROUP,
        "labelled": data.metrics is not None,
        "number": [d.number for d in documents],
        "truth": [d.truth for d in documents],
        "predicted": [int(d.logits.argmax()) for d in documents],
        "probability": [_probability(d) for d in documents],
        "weights": [floats(row) for row in data.head.weights],
        "biases": floats(data.head.biases),
        "methods": [vars(method) for method in data.methods],
        "cuts": [[c.epsilon, c.dropped, c.same, c.accuracy] for c in data.cuts],
        "fitCut": data.fit_cut,
        "cloud": _projection(data.projection),
        "regions": data.head.regions,
        "filters": cards_index(data.filters, data.labels),
        "points": points_index(data.points),
        "cards": AT_ONCE,
        "words": [_class_words(words) for words in data.words],
        "importance": _importance(data.importance),
        "importanceTop": data.importance.top,
        "mapTotals": data.plane.totals,
    }


def _projection(projection: Projection | None) -> dict[str, Any] | None:
    if projection is None:
        return None
    groups = [_clean(name) for name in projection.groups]
    return {"panels": projection.panels, "groups": groups, "of": projection.of.tolist()}


def _probability(document: Document) -> float:
    """Softmax of the greatest logit; 0 where the logits are not numbers."""
    logits = np.asarray(document.logits, dtype=np.float64)
    return float((1 / np.exp(logits - logits.max()).sum()).round(5)) if np.isfinite(logits).all() else 0.0


def _class_words(words: ClassWords) -> dict[str, Any]:
    sides = {"positive": words.positive, "negative": words.negative}
    return {
        side: [[_clean(w.word), float(f"{w.total:.6g}"), w.count, w.documents] for w in totals]
        for side, totals in sides.items()
    }


def _importance(important: ImportantWords) -> list[list[Any]]:
    """Of each word its name, values, places, occurrences, class and what an occurrence adds to it."""
    return [
        [
            _clean(w.word),
            floats(np.array(w.values), 5),
            w.places,
            w.occurrences,
            w.label,
            *floats(np.array([w.adds]), 5),
        ]
        for w in important.words
    ]


def _shades(data: ReportData) -> list[list[int]]:
    """How dark each cell of the confusion matrix is, 0 to 10: its share of the row."""
    if data.metrics is None:
        return []
    confusion = data.metrics.confusion
    share = confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
    shades: list[list[int]] = np.ceil(share * 10).astype(int).tolist()
    return shades


def _largest(data: ReportData) -> list[int]:
    """The classes that tables show, in their order: those with the most documents, true and predicted."""
    return [] if data.metrics is None else data.metrics.largest(CLASSES)


def _here(data: ReportData) -> Counter[tuple[int, int]]:
    """How many documents of each cell of the confusion matrix are on the page."""
    return Counter((d.truth, int(d.logits.argmax())) for d in data.documents if d.truth is not None)


def _predicted(data: ReportData) -> list[tuple[str, int]]:
    """How many documents are predicted to be in each class, the most frequent classes first."""
    order = np.argsort(-np.array(data.predicted), kind="stable")
    return [(data.labels[i], data.predicted[i]) for i in order[:CLASSES]]
