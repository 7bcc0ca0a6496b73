"""Yuan et al. 2019, "Interpreting deep models for text analysis via optimization and regularization methods"."""

from dataclasses import replace
from functools import partial

import numpy as np

from convlens.evaluate import matching_rate
from convlens.models import PRESETS, Classifier
from convlens.papers.artifact import (
    DIFFERS,
    REPRODUCED,
    Artifact,
    Paper,
    Result,
    code,
    judged,
    margin,
    spread,
    table,
)
from convlens.papers.store import ArtifactStore, glove
from convlens.units import Ascent, TextUnits, UnitConfig, hidden_units

MR, NEWS = ("mr", "glove-100"), ("ag_news", "glove-100")
ACCURACY = {"mr": 0.7996, "ag_news": 0.9205}
MATCHING = {"mr": 0.934, "ag_news": 0.843}
WEIGHTS = {"mr": (0.004, 0.02), "ag_news": (0.002, 0.01)}  # of the two regularisers
SENTENCES = {
    "figure2": (
        "mr",
        "As a good old fashioned adventure for kids spirit stallion of the cimarron is a winner",
    ),
    "figure3": ("mr", "Plays like one of those conversations that comic book guy on the simpsons has"),
    "figure4": (
        "ag_news",
        (
            "Looking at his ridiculously developed upper body, with huge biceps and hardly an ounce of fat, it's easy to see "
            "why Ty Law, arguably the best cornerback in football, chooses physical play over finesse. That's not to imply "
            "that he's lacking a finesse"
        ),
    ),
    "figure5": (
        "ag_news",
        (
            "Jet Propulsion Lab – Scientists have discovered irregular lumps beneath the icy surface of Jupiter's largest "
            "moon, Ganymede"
        ),
    ),
}
EXPECTED = {"figure2": "positive", "figure3": "negative", "figure4": "Sports", "figure5": "Sci/Tech"}
WORDS = {  # that the paper names
    "figure2": "unflinching, ok, smartly, gritty",
    "figure3": "terribly, awkward, devoid, unwatchable, brainless",
    "figure4": "Toni, Elarton, Fahrenhorst",
    "figure5": "Solar, protorosaur, datacenter, Scientistcom",
}
APART = (
    "word vectors (theirs word2vec of 300 numbers from Google News, ours GloVe of 100), pooling and dropout, which they do "
    "not tell, are other ones, and were not told apart"
)


def model(store: ArtifactStore, data: str, seed: int = 0) -> Classifier:
    """Their network from GloVe's vectors of 100 numbers."""
    config = PRESETS["yuan-mr" if data == "mr" else "yuan-ag-news"].config
    train = replace(config.train, seed=seed, epochs=store.few(100, 2), patience=5)
    config = replace(config, model=replace(config.model, vector_dropout=0.5), train=train)
    return store.fitted(f"yuan-{data}-{seed}", data, config, vectors=lambda: glove(100))


def table3(store: ArtifactStore) -> Result:
    """Test accuracies."""
    accuracies = {
        data: [
            store.accuracy(f"yuan-accuracy-{data}-{s}", partial(model, store, data, s), data)
            for s in (store.seeds if data == "mr" else range(1))
        ]
        for data in ACCURACY
    }
    noise = {data: margin(accuracies[data], len(store.data(data).test)) for data in ACCURACY}
    verdicts = {judged(float(np.mean(accuracies[data])), ACCURACY[data], noise[data]) for data in ACCURACY}
    verdict = DIFFERS if DIFFERS in verdicts else REPRODUCED
    why = f"{APART}{store.caveat('ag_news', NAMES['ag_news'])}" if verdict == DIFFERS else ""
    rows = [
        (NAMES[data], f"{ACCURACY[data]:.2%}", spread(accuracies[data]), f"±{noise[data]:.1%}")
        for data in ACCURACY
    ]
    return Result(
        "MR 79.96 %, AG's News 92.05 %",
        ", ".join(f"{name} {ours}" for name, _, ours, _ in rows),
        verdict,
        table(("data", "theirs", "ours", "what test rows alone make (95 %)"), rows),
        why,
    )


NAMES = {"mr": "MR", "ag_news": "AG's News"}


def units(store: ArtifactStore, data: str, texts: list[str]) -> list[TextUnits]:
    """What three places of the first layer detect in each text, five words each."""
    length, similarity = WEIGHTS[data]
    config = UnitConfig(ascent=Ascent(l1=length, l2=similarity))
    return hidden_units(model(store, data), texts, config=config)


def figure(store: ArtifactStore, name: str) -> Result:
    """One sentence: its most salient places, and the words that say what they detect."""
    data, sentence = SENTENCES[name]
    units = store.part(f"yuan-{name}", lambda: _figure(store, data, sentence))
    as_expected = units["predicted"] == EXPECTED[name]
    agree = units["told"] == units["predicted"]
    trained_note = " It is among the rows that this network was trained on." if units["trained_on"] else ""
    body = (
        f"{code(sentence)} is predicted {units['predicted']}; the words that were found, fed as a sentence, {units['told']}.{trained_note}"
        f"\n\n{table(('place', 'words it sees', 'adds to the logit', 'what it detects: nearest words'), units['rows'])}\n"
        "Places of the first layer are counted from 0; what one adds is gradient times activation. In the picture a diamond is "
        f"the mean of the input that was optimised for a place, a dot a word (t-SNE).\n\n![Hidden units](yuan2019-{name}.svg)\n"
    )
    verdict = REPRODUCED if as_expected and agree else DIFFERS
    why = "the words found get the sentence's class" if agree else "the words found get another class"
    caveat = store.caveat(data, NAMES[data])
    return Result(
        f"words that tell {EXPECTED[name]}: {WORDS[name]}",
        ", ".join(units["words"][:5]),
        verdict,
        body,
        (why if as_expected else f"it is classified as {units['predicted']} here") + caveat,
        {f"{name}.svg": units["picture"]},
    )


def _figure(store: ArtifactStore, data: str, sentence: str) -> dict[str, object]:
    [of_text] = units(store, data, [sentence])
    rows = [
        (unit.location, code(sentence[slice(*unit.span)]), unit.saliency, ", ".join(map(code, unit.words)))
        for unit in of_text.units
    ]
    predicted = model(store, data).predict([" ".join(of_text.words)])[0]
    return {
        "predicted": of_text.predicted,
        "told": predicted,
        "words": of_text.words,
        "rows": rows,
        "picture": of_text.to_html(),
        "trained_on": _letters(sentence) in set(map(_letters, store.data(data).train.texts)),
    }


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def table4(store: ArtifactStore) -> Result:
    """Matching rates."""
    matching = {
        data: store.part(f"yuan-matching-{data}", partial(_matching, store, data)) for data in MATCHING
    }
    rows = [
        (NAMES[data], rates["documents"], MATCHING[data], rates["rate"], rates["chance"])
        for data, rates in matching.items()
    ]
    verdicts = [judged(matching[data]["rate"], MATCHING[data], 0.02) for data in MATCHING]
    verdict = min(verdicts, key=lambda v: ("differs", "reproduced", "better").index(v))
    body = table(("data", "documents", "theirs", "ours", "the same for words of another document"), rows)
    ours = ", ".join(f"{NAMES[data]} {matching[data]['rate']:.3f}" for data in MATCHING)
    why = f"{APART}{store.caveat('ag_news', NAMES['ag_news'])}" if verdict == DIFFERS else ""
    return Result("MR 0.934, AG's News 0.843", ours, verdict, body, why)


def _matching(store: ArtifactStore, data: str) -> dict[str, float]:
    texts = list(store.data(data).test.texts)
    texts = texts[:: max(len(texts) // store.few(1100, 12), 1)]
    classifier, meanings = model(store, data), [of_text.words for of_text in units(store, data, texts)]
    moved = meanings[1:] + meanings[:1]
    return {
        "documents": len(texts),
        "rate": matching_rate(classifier, texts, meanings),
        "chance": matching_rate(classifier, texts, moved),
    }


PAPER = Paper(
    "yuan2019",
    "Yuan et al. 2019: Interpreting deep models for text analysis via optimization and regularization methods",
    (
        Artifact("table3", "Test accuracies", (*MR, "ag_news"), table3),
        Artifact("figure2", "First review: places and what they detect", MR, partial(figure, name="figure2")),
        Artifact(
            "figure3", "Second review: places and what they detect", MR, partial(figure, name="figure3")
        ),
        Artifact("figure4", "First news: places and what they detect", NEWS, partial(figure, name="figure4")),
        Artifact(
            "figure5", "Second news: places and what they detect", NEWS, partial(figure, name="figure5")
        ),
        Artifact("table4", "Matching rates", (*MR, "ag_news"), table4),
    ),
    (
        "Their vectors are word2vec of 300 numbers from Google News, ours GloVe of 100.",
        "How the network pools is not said, here it pools over time; nor how many steps the optimisation takes.",
        (
            "How it is kept from learning its texts by heart is not said either: here half of the values before the last layer "
            "and half of the numbers of the word vectors are dropped out, which the rows of MR that were held out in training "
            "liked best, and training ends when their loss has not fallen for 5 epochs."
        ),
        "The similarity of the words of the optimised input is divided by their number, as printed, not by its square.",
    ),
)
