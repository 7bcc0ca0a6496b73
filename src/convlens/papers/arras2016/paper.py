"""Arras et al. 2016, "Explaining predictions of non-linear classifiers in NLP": 20 Newsgroups."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from convlens.draw import project
from convlens.evaluate import EXACT, RANDOM, EvaluateConfig, deletion_chart, evaluate
from convlens.explain import attribute_texts, document_vectors, explain
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
from convlens.papers.charts import points
from convlens.papers.heatmap import heatmap
from convlens.papers.store import ArtifactStore, glove

DATA = ("20newsgroups", "glove-100")
APART = (
    "word vectors (theirs word2vec of 300 numbers from Google News, ours GloVe of 100), optimiser and penalty are other ones, "
    "and were not told apart"
)
THEIRS = 0.8019
SPACE = "sci.space"  # the group of the document that they show
SHOWN = (EXACT, "loss-change", "occlusion", "words", "lrp", "sensitivity", RANDOM)


def model(store: ArtifactStore, seed: int = 0) -> Classifier:
    """Their network from GloVe's vectors of 100 numbers."""
    config = PRESETS["arras"].config
    config = replace(config, train=replace(config.train, seed=seed, epochs=store.few(config.train.epochs, 3)))
    return store.fitted(f"arras-{seed}", "20newsgroups", config, vectors=lambda: glove(100))


def accuracy(store: ArtifactStore) -> Result:
    """Section 4: test accuracy."""
    accuracies = [
        store.accuracy(f"arras-accuracy-{s}", partial(model, store, s), "20newsgroups") for s in store.seeds
    ]
    verdict = judged(
        float(np.mean(accuracies)), THEIRS, margin(accuracies, len(store.data("20newsgroups").test))
    )
    why = APART if verdict == DIFFERS else ""
    body = table(
        ("seed", "test accuracy"), [(s, f"{a:.2%}") for s, a in zip(store.seeds, accuracies, strict=True)]
    )
    return Result(f"{THEIRS:.2%}", spread(accuracies), verdict, body, why)


def figure1(store: ArtifactStore) -> Result:
    """Words deleted in the order of relevance."""
    deletion = store.part("arras-figure1", lambda: _deletion(store))
    areas = {(row["method"], row["group"]): row for row in deletion["areas"]}
    groups = ("correct", "wrong")
    rows = [[f"`{m}`", *(_area(areas[m, g]) for g in groups)] for m in deletion["methods"]]
    body = (
        f"{deletion['documents']:,} documents with at least 100 words, {deletion['correct']:,} classified correctly; the area is "
        f"the mean accuracy over the first {deletion['deletions']} deletions, with its interval of 95 %.\n\n"
        "![Deletion curves](arras2016-figure1.svg)\n\n"
        + table(
            ("method", "area, correct at first (low is good)", "area, wrong at first (high is good)"), rows
        )
        + f"\n{FURTHER}\n"
    )
    first = _apart(areas, "lrp", ("sensitivity", RANDOM))
    order = all(areas["sensitivity", g]["high"] < areas[RANDOM, g]["low"] for g in ("correct", "wrong"))
    ahead = "ahead of" if _apart(areas, EXACT, ("lrp",)) else "no further than"
    said = "holds" if first and order else "does not hold"
    why = f"their order {said} beyond the intervals; the order `{EXACT}`, which is ours, is {ahead} LRP in both groups"
    ours = ", ".join(f"{m} {areas[m, 'correct']['area']:.3f}" for m in ("lrp", "sensitivity", RANDOM, EXACT))
    return Result(
        "LRP is best in both groups; SA is ahead of chance where the model is right, behind it where wrong",
        f"areas where correct at first: {ours}",
        REPRODUCED if first and order else DIFFERS,
        body,
        why,
        {"figure1.svg": deletion["chart"]},
    )


def _apart(areas: Mapping[tuple[str, str], Mapping[str, float]], best: str, others: Sequence[str]) -> bool:
    """Whether a method is better than others in both groups, beyond the intervals."""
    low = all(areas[best, "correct"]["high"] < areas[other, "correct"]["low"] for other in others)
    return low and all(areas[best, "wrong"]["low"] > areas[other, "wrong"]["high"] for other in others)


FURTHER = (
    "Beyond the paper: `occlusion` ranks by what the class loses without the word, `loss-change` by what all classes win and "
    "lose, `words` by the word's exact share of the logit. All rank once, on the intact document; `exact` computes the effect "
    "of every word that is left anew after each deletion."
)


def _deletion(store: ArtifactStore) -> dict[str, object]:
    config = EvaluateConfig(
        SHOWN,
        documents=store.few(10_000, 20),
        min_words=100,
        sanity=0,
        resamples=store.few(1000, 100),
    )
    evaluation = evaluate(model(store), store.data("20newsgroups").test, config)
    return {
        "methods": list(evaluation.methods),
        "documents": evaluation.documents,
        "correct": evaluation.correct,
        "deletions": config.deletions,
        "areas": evaluation.areas.to_dicts(),
        "chart": deletion_chart(evaluation.curves),
    }


def figure2(store: ArtifactStore) -> Result:
    """Heatmaps of one document for several target classes, by LRP and by SA."""
    heatmaps = store.part("arras-figure2", lambda: _heatmaps(store))
    body = (
        f"A post of `{SPACE}`, predicted `{heatmaps['classes'][0]}`, for the three classes with the greatest logits; blue speaks "
        "for the class, orange against it. SA has no sign.\n\n"
        "![Heatmaps by LRP](arras2016-figure2.svg)\n\n![Heatmaps by SA](arras2016-figure2-sa.svg)\n\n"
        + table(
            ("target", "logit", "relevance of the words, their sum", "largest words by LRP"), heatmaps["rows"]
        )
        + f"\nIn {heatmaps['documents']} correctly classified documents, of the ten words with the most relevance for the "
        f"predicted class {heatmaps['against']:.0%} speak against another class by LRP, on average over the other classes, and none "
        f"by SA; of all words {heatmaps['any']:.0%} do.\n"
    )
    tells = heatmaps["against"] > max(heatmaps["any"], 0.5)
    return Result(
        "LRP marks words of one class as speaking against others, SA marks them as speaking for all",
        f"{heatmaps['against']:.0%} of the strongest words of a class speak against another by LRP, none by SA",
        REPRODUCED if tells else DIFFERS,
        body,
        "more than half of them, and more than of all words"
        if tells
        else "not more than half, or no more than of all words",
        {"figure2.svg": heatmaps["lrp"], "figure2-sa.svg": heatmaps["sensitivity"]},
    )


def _heatmaps(store: ArtifactStore) -> dict[str, object]:
    """The first test document of their group that is long enough and classified correctly, and signs in many."""
    classifier, test = model(store), store.data("20newsgroups").test
    assert test.labels is not None
    wanted = test.label_names.index(SPACE)
    texts = [
        t for t, y in zip(test.texts, test.labels, strict=True) if y == wanted and 60 < len(t.split()) < 160
    ]
    right = [t for t, p in zip(texts, classifier.predict(texts), strict=True) if p == SPACE]
    shown = {m: explain(classifier, (right or texts)[0], method=m) for m in ("lrp", "sensitivity")}
    lrp = shown["lrp"]
    best = {classifier.labels[i]: i for i in np.argsort(-lrp.logits)[:3]}
    rows = [
        (
            code(n),
            float(lrp.logits[i]),
            float(lrp.scores[:, i].sum()),
            _top(lrp.tokens, lrp.scores[:, i]),
        )
        for n, i in best.items()
    ]
    pictures = {m: heatmap(s.tokens, {n: s.scores[:, i] for n, i in best.items()}) for m, s in shown.items()}
    return {"classes": list(best), "rows": rows, **_against(store), **pictures}


def _against(store: ArtifactStore) -> dict[str, float]:
    """How often the ten words with the most relevance for a class, and all words, have less than none for another."""
    classifier, test = model(store), store.data("20newsgroups").test
    assert test.labels is not None
    texts = test.texts[:: max(len(test) // store.few(500, 20), 1)]
    truths = test.labels[:: max(len(test) // store.few(500, 20), 1)]
    attribution = attribute_texts(classifier, classifier.tokenizer.encode_all(texts), method="lrp")
    strongest, every = [], []
    for i, truth in enumerate(truths):
        scores = attribution.scores[attribution.offsets[i] : attribution.offsets[i + 1]]  # (L, C)
        label = int(attribution.logits[i].argmax())
        if len(scores) < 10 or classifier.labels[label] != test.label_names[truth]:
            continue
        against = np.delete(scores < 0, label, axis=1).mean(1)  # (L,)
        strongest.append(against[np.argsort(-scores[:, label])[:10]].mean())
        every.append(against.mean())
    return {"documents": len(every), "against": float(np.mean(strongest)), "any": float(np.mean(every))}


def figure3(store: ArtifactStore) -> Result:
    """Document vectors weighted by relevance, in the plane."""
    planes = store.part("arras-figure3", lambda: _planes(store))
    shares, test = planes["shares"], store.data("20newsgroups").test
    rows = [[f"`{name}`", share] for name, share in shares.items()]
    pictures = {f"figure3-{name}.svg": picture for name, picture in planes["pictures"].items()}
    shown = "\n\n".join(f"`{name}`\n\n![{name}](arras2016-figure3-{name}.svg)" for name in planes["pictures"])
    groups = np.unique([test.label_names[y].split(".")[0] for y in test.labels or ()], return_counts=True)[1]
    body = (
        f"{planes['documents']:,} test documents, the first two principal components of their vectors, coloured by the first "
        f"part of the group's name ({len(groups)} colours; theirs are five, which they do not name). Beside each way: the share "
        "of documents whose nearest neighbour in the plane is of the same colour, by chance "
        f"{((groups / groups.sum()) ** 2).sum():.3f}.\n\n{table(('weighting', 'same colour'), rows)}\n{shown}\n"
    )
    noise = margin([shares["lrp"]], planes["documents"])
    best = "lrp-elementwise"
    clear = all(shares[best] > share + noise for name, share in shares.items() if name != best)
    above = min(shares["lrp"], shares["sensitivity"]) > shares["uniform"] + noise
    ours = ", ".join(f"{name} {shares[name]:.1%}" for name in (best, "lrp", "sensitivity", "uniform"))
    return Result(
        "element by element LRP separates groups clearly; of whole vectors LRP and SA do alike, better than plain sums",
        f"neighbours of the same colour: {ours}",
        REPRODUCED if clear and above else DIFFERS,
        body,
        f"{'' if clear else 'not '}the most by LRP element by element, LRP and SA {'' if above else 'not '}above plain sums, "
        f"where documents alone make ±{noise:.1%}",
        pictures,
    )


def _planes(store: ArtifactStore) -> dict[str, object]:
    from sklearn.neighbors import NearestNeighbors

    classifier, test = model(store), store.data("20newsgroups").test
    assert test.labels is not None
    groups = np.array([test.label_names[y].split(".")[0] for y in test.labels])
    pictures, shares = {}, {}
    ways = [("lrp", False), ("sensitivity", False), ("sensitivity-l2", False), ("uniform", False)]
    for name, elementwise in [*ways, ("lrp", True), ("sensitivity", True)]:
        vectors = document_vectors(classifier, test.texts, weighting=name, elementwise=elementwise)
        plane = project(vectors)
        _, near = NearestNeighbors(n_neighbors=2).fit(plane).kneighbors(plane)
        shown = f"{name}-elementwise" if elementwise else name
        shares[shown] = float((groups[near[:, 1]] == groups).mean())
        drawn = np.arange(0, len(groups), max(len(groups) // 1500, 1))
        chosen = {g: drawn[groups[drawn] == g] for g in np.unique(groups)}
        pictures[shown] = points(
            {str(g): (plane[at, 0].tolist(), plane[at, 1].tolist()) for g, at in chosen.items()}
        )
    return {"documents": len(groups), "shares": shares, "pictures": pictures}


def _area(row: dict[str, float]) -> str:
    return f"{row['area']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"


def _top(words: tuple[str, ...], scores: np.ndarray) -> str:
    return ", ".join(f"`{words[i]}`" for i in np.argsort(-scores)[:5])


PAPER = Paper(
    "arras2016",
    "Arras et al. 2016: Explaining predictions of non-linear classifiers in NLP",
    (
        Artifact("accuracy", "Test accuracy on 20 Newsgroups", DATA, accuracy),
        Artifact("figure1", "Word deletion by LRP, SA and at random", DATA, figure1),
        Artifact("figure2", "One document, several target classes", DATA, figure2),
        Artifact("figure3", "Document vectors weighted by relevance", DATA, figure3),
    ),
    (
        (
            "Their word vectors are word2vec of 300 numbers trained on Google News, which is not part of the data here; ours "
            "are GloVe's of 100. They train by gradient descent with momentum and an L2 penalty, we by Adam without."
        ),
    ),
)
