"""Figure 3 of Jacovi et al. 2018: predictions by the n-grams that pass, and those that a word keeps from passing."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from convlens.explain import Explanation, explain_all
from convlens.filters import case_2
from convlens.models import Classifier
from convlens.papers.artifact import DIFFERS, REPRODUCED, Result, code, table
from convlens.papers.heatmap import heatmap
from convlens.papers.jacovi2018.corpora import Card, Study, each, picture_of
from convlens.trace import trace_texts

WORDS = 17  # of a text, about
MOST = 0.5  # of its words, to be called few


def figure3(studies: Sequence[Study]) -> Result:
    """A text predicted for each class, explained by the n-grams that pass their thresholds."""
    texts_of = {study: study.part("figure3-texts", partial(_explained, study)) for study in studies}
    rows = [
        (study.name, code(text["text"]), text["predicted"], text["words"], text["scored"])
        for study, texts in texts_of.items()
        for text in texts
    ]
    pictures = {
        picture_of(f"figure3{letter}", study): text["picture"]
        for study, texts in texts_of.items()
        for letter, text in zip("abcdef", texts, strict=False)
    }
    few = [
        text["scored"] <= MOST * text["words"] and text["scored"] > 0
        for of in texts_of.values()
        for text in of
    ]
    counts_by_name = {
        study.name: " and ".join(f"{text['scored']} of {text['words']}" for text in of)
        for study, of in texts_of.items()
    }
    ours = f"words in n-grams that pass: {each(counts_by_name)}"
    why = f"in {sum(few)} of {len(few)} texts at most half of the words are in n-grams that pass"
    judged = REPRODUCED if sum(few) > len(few) / 2 else DIFFERS
    return Result(
        "few n-grams explain a prediction (Elec)",
        ours,
        judged,
        _body(rows, pictures, texts_of),
        why,
        pictures,
    )


def _body(
    rows: Sequence[Sequence[object]], pictures: Mapping[str, str], texts_of: Mapping[Study, Any]
) -> str:
    stopped = [
        (
            study.name,
            text["predicted"],
            at["filter"],
            at["class"],
            code(at["ngram"]),
            at["slots"],
            at["score"],
            at["bar"],
        )
        for study, texts in texts_of.items()
        for text in texts
        for at in text["stopped"]
    ]
    head = (
        "corpus",
        "text predicted",
        "filter",
        "speaks for",
        "n-gram",
        "each word gives",
        "with bias",
        "threshold",
    )
    shown = "\n\n".join(f"![Slot scores](jacovi2018-{name})" for name in pictures)
    return (
        "Of each corpus the first test text of about so many words that is predicted for each class, as the paper shows one "
        "of each.\n\n"
        f"{table(('corpus', 'text', 'predicted', 'words', 'in n-grams that pass'), rows)}\n"
        "Each picture has a row for each class: what words give the filters that speak for it, if their n-gram passes.\n\n"
        f"{shown}\n\nN-grams of case 2 (in italics in the paper): the highest n-gram of their filter, which does not pass "
        "and would without its most negative word.\n\n"
        f"{table(head, stopped) if stopped else 'There are none in these texts.'}\n"
    )


def _explained(study: Study) -> list[dict[str, Any]]:
    classifier = study.model()
    near = [text for text in study.splits.test.texts if abs(len(text.split()) - WORDS) < 5]
    explanations: dict[str, Explanation] = {}
    for explanation in explain_all(classifier, near[:200], method="thresholded"):
        explanations.setdefault(explanation.predicted, explanation)
    cards = study.cards()
    return [
        {
            "text": explanation.text,
            "predicted": explanation.predicted,
            "words": len(explanation.tokens),
            "scored": int((explanation.scores != 0).any(1).sum()),
            "picture": heatmap(
                explanation.tokens,
                {label: explanation.scores[:, i] for i, label in enumerate(classifier.labels)},
            ),
            "stopped": _stopped(classifier, cards, explanation.text, explanation.tokens),
        }
        for _, explanation in sorted(explanations.items(), reverse=True)
    ]


def _stopped(
    classifier: Classifier, cards: Sequence[Card], text: str, tokens: Sequence[str]
) -> list[dict[str, Any]]:
    """The pooled n-grams of a text that a negative word keeps from passing."""
    traced = trace_texts(classifier, [text], slots=True)
    assert traced.slots is not None
    ngrams = []
    for card in cards:
        f, n = card["filter"], card["region"]
        begin, slots, score = int(traced.positions[0, f]), traced.slots[0, f, :n], float(traced.peaks[0, f])
        bar = card["threshold"]
        if bar is None or score >= bar or not case_2(slots[None], card["bias"], bar, np.array([1]))[0]:
            continue
        ngrams.append(
            {
                "filter": f,
                "class": card["class"],
                "ngram": " ".join(tokens[begin : begin + n]),
                "slots": ", ".join(f"{slot:.2f}" for slot in slots),
                "score": f"{score:.2f}",
                "bar": f"{bar:.2f}",
            }
        )
    return ngrams
