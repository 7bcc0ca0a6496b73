"""Arras et al. 2016, "Explaining predictions of non-linear classifiers in NLP": 20 Newsgroups."""

from dataclasses import replace
from functools import partial

import numpy as np

from convlens.evaluate import EXACT, RANDOM, EvaluateConfig, deletion_chart, evaluate
from convlens.explain import document_vectors, explain, project
from convlens.models import PRESETS, Classifier
from convlens.papers.charts import points
from convlens.papers.exhibit import (
    BETTER,
    DIFFERS,
    REPRODUCED,
    Exhibit,
    Finding,
    Paper,
    judged,
    spread,
    table,
)
from convlens.papers.heatmap import heatmap
from convlens.papers.lab import Lab, glove

DATA = ("20newsgroups", "glove-100")
THEIRS = 0.8019
SHOWN = (EXACT, "leave-one-out", "occlusion", "words", "lrp", "sensitivity", RANDOM)


def model(lab: Lab, seed: int = 0) -> Classifier:
    """Their network from GloVe's vectors of 100 numbers."""
    config = PRESETS["arras"].config
    config = replace(config, train=replace(config.train, seed=seed, epochs=lab.few(config.train.epochs, 3)))
    return lab.fitted(f"arras-{seed}", "20newsgroups", config, vectors=lambda: glove(100))


def accuracy(lab: Lab) -> Finding:
    """Section 4: test accuracy."""
    found = [lab.accuracy(f"arras-accuracy-{s}", partial(model, lab, s), "20newsgroups") for s in lab.seeds]
    verdict = judged(float(np.mean(found)), THEIRS, 0.005)
    why = (
        "their vectors are word2vec of 300 numbers from Google News, ours GloVe of 100"
        if verdict == DIFFERS
        else ""
    )
    body = table(("seed", "test accuracy"), [(s, f"{a:.2%}") for s, a in zip(lab.seeds, found, strict=True)])
    return Finding(f"{THEIRS:.2%}", spread(found), verdict, body, why)


def figure1(lab: Lab) -> Finding:
    """Words deleted in the order of relevance."""
    found = lab.part("arras-figure1", lambda: _deletion(lab))
    areas = {(row["method"], row["group"]): row for row in found["areas"]}
    groups = ("correct", "wrong")
    rows = [[f"`{m}`", *(_area(areas[m, g]) for g in groups)] for m in found["methods"]]
    lrp, sa, chance, exact = (areas[m, "correct"] for m in ("lrp", "sensitivity", RANDOM, EXACT))
    ordered = lrp["high"] < sa["low"] and sa["high"] < chance["low"]
    below = exact["high"] < lrp["low"] and areas[EXACT, "wrong"]["low"] > areas["lrp", "wrong"]["high"]
    body = (
        f"{found['documents']:,} documents with at least 100 words, {found['correct']:,} classified correctly; the area is "
        f"the mean accuracy over the first {found['deletions']} deletions.\n\n![Deletion curves](arras2016-figure1.svg)\n\n"
        + table(("method", "area, correct at first", "area, wrong at first"), rows)
        + f"\n{FURTHER}\n"
    )
    if not ordered:
        verdict, why = DIFFERS, "the intervals of neighbours overlap"
    else:
        verdict = BETTER if below else REPRODUCED
        beside = f", exact occlusion turns decisions {'faster' if below else 'no faster'} than LRP"
        why = f"the order holds with its intervals{beside} in both groups"
    ours = ", ".join(f"{m} {areas[m, 'correct']['area']:.3f}" for m in ("lrp", "sensitivity", RANDOM, EXACT))
    return Finding(
        "LRP falls fastest, then SA, then random", ours, verdict, body, why, {"figure1.svg": found["chart"]}
    )


FURTHER = (
    "Beyond the paper: `occlusion` ranks by what the class loses without the word, `leave-one-out` by what all classes win and "
    "lose, `words` by the word's exact share of the logit. All rank once, on the intact document; `exact` computes the effect "
    "of every word that is left anew after each deletion."
)


def _deletion(lab: Lab) -> dict[str, object]:
    config = EvaluateConfig(
        SHOWN,
        documents=lab.few(10_000, 20),
        min_words=100,
        sanity=0,
        resamples=lab.few(1000, 100),
    )
    found = evaluate(model(lab), lab.data("20newsgroups").test, config)
    return {
        "methods": list(found.methods),
        "documents": found.documents,
        "correct": found.correct,
        "deletions": config.deletions,
        "areas": found.areas.to_dicts(),
        "chart": deletion_chart(found.curves),
    }


def figure2(lab: Lab) -> Finding:
    """Heatmaps of one document for several target classes."""
    made = lab.part("arras-figure2", lambda: _heatmaps(lab))
    body = (
        f"A post of `{made['truth']}`, predicted `{made['classes'][0]}`, for the three classes with the greatest logits, by "
        "LRP; blue speaks for the class, orange against it.\n\n![Heatmaps](arras2016-figure2.svg)\n\n"
        + table(("target", "logit", "relevance of the words", "largest words"), made["rows"])
    )
    apart = made["overlap"] < 0.5
    ours = f"{made['overlap']:.0%} of the ten strongest words are shared by two targets"
    verdict = REPRODUCED if apart else DIFFERS
    why = "each target marks words of its own" if apart else "the targets mark mostly the same words"
    return Finding(
        "each class marks its own words", ours, verdict, body, why, {"figure2.svg": made["picture"]}
    )


def _heatmaps(lab: Lab) -> dict[str, object]:
    """The first test document of their group `sci.space` that is long enough and classified correctly."""
    classifier, test = model(lab), lab.data("20newsgroups").test
    assert test.labels is not None
    wanted = test.label_names.index("sci.space")
    texts = [
        t for t, y in zip(test.texts, test.labels, strict=True) if y == wanted and 60 < len(t.split()) < 160
    ]
    right = [t for t, p in zip(texts, classifier.predict(texts), strict=True) if p == "sci.space"]
    text = (right or texts)[0]
    shown = explain(classifier, text, method="lrp")
    best = np.argsort(-shown.logits)[:3]
    names = [classifier.labels[i] for i in best]
    strongest = [set(np.argsort(-shown.scores[:, i])[:10].tolist()) for i in best]
    shared = [len(a & b) / 10 for n, a in enumerate(strongest) for b in strongest[n + 1 :]]
    return {
        "truth": "sci.space",
        "classes": names,
        "rows": [
            [
                f"`{n}`",
                float(shown.logits[i]),
                float(shown.scores[:, i].sum()),
                _top(shown.tokens, shown.scores[:, i]),
            ]
            for n, i in zip(names, best, strict=True)
        ],
        "overlap": float(np.mean(shared)),
        "picture": heatmap(shown.tokens, {n: shown.scores[:, i] for n, i in zip(names, best, strict=True)}),
    }


def figure3(lab: Lab) -> Finding:
    """Document vectors weighted by relevance, in the plane."""
    made = lab.part("arras-figure3", lambda: _planes(lab))
    rows = [[f"`{name}`", share] for name, share in made["shares"].items()]
    pictures = {f"figure3-{name}.svg": picture for name, picture in made["pictures"].items()}
    shown = "\n\n".join(f"`{name}`\n\n![{name}](arras2016-figure3-{name}.svg)" for name in made["pictures"])
    whole = {name: share for name, share in made["shares"].items() if not name.endswith("elementwise")}
    best = max(whole, key=lambda name: whole[name])
    body = (
        f"{made['documents']:,} test documents, the first two principal components of their vectors, coloured by the first "
        "part of the group's name. Beside each way: the share of documents whose nearest neighbour in the plane is of "
        f"the same colour.\n\n{table(('weighting', 'same colour'), rows)}\n{shown}\n"
    )
    ours = (
        f"same colour as the neighbour: LRP {whole['lrp']:.1%}, uniform {whole['uniform']:.1%}, best {best}"
    )
    verdict = REPRODUCED if whole["lrp"] > max(whole["uniform"], whole["sensitivity"]) else DIFFERS
    why = f"of sums of whole word vectors, {best} gives the most neighbours of the same colour"
    return Finding(
        "LRP separates the groups better than SA and plain sums", ours, verdict, body, why, pictures
    )


def _planes(lab: Lab) -> dict[str, object]:
    from sklearn.neighbors import NearestNeighbors

    classifier, test = model(lab), lab.data("20newsgroups").test
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
        some = np.arange(0, len(groups), max(len(groups) // 1500, 1))
        chosen = {g: some[groups[some] == g] for g in np.unique(groups)}
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
        Exhibit("accuracy", "Test accuracy on 20 Newsgroups", DATA, accuracy),
        Exhibit("figure1", "Word deletion by LRP, SA and at random", DATA, figure1),
        Exhibit("figure2", "One document, several target classes", DATA, figure2),
        Exhibit("figure3", "Document vectors weighted by relevance", DATA, figure3),
    ),
    (
        (
            "Their word vectors are word2vec of 300 numbers trained on Google News, which is not part of the data here; ours "
            "are GloVe's of 100. They train by gradient descent with momentum and an L2 penalty, we by Adam without."
        ),
    ),
)
