"""Typos, swaps and insertions: every success is one of the model that reads the changed text."""

import copy
import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from tests.toys import GOOD

from convlens.attack import AttackConfig, Candidates, Swaps, attack, possible_ngrams, segments, typo
from convlens.attack.attacked import AttackedDocument, Edit, attackable, deleted, swapped
from convlens.attack.greedy_batch import greedy_batch
from convlens.attack.search import searcher
from convlens.data import from_lists
from convlens.errors import InputError
from convlens.text import PAD, UNKNOWN, TextConfig, Tokenizer
from convlens.trace import region_slots


@pytest.mark.parametrize(
    "config",
    [
        AttackConfig(documents=20, edits=3),
        AttackConfig(orders=("exact",), documents=20, edits=3),
        AttackConfig("swap", documents=8, edits=2, beam=2),
        AttackConfig("swap", nearest=20, documents=8, edits=3, target="positive"),
        AttackConfig("insertion", documents=20, edits=3),
    ],
)
def test_successes_are_the_models_own_and_repeat(classifier, corpus, config):
    found, again = (attack(classifier, corpus, config) for _ in range(2))
    assert found.rows.equals(again.rows)
    assert found.rows["success"].any()
    assert found.attackable == len(found.rows) / len(found.totals) <= found.documents == config.documents
    for row in found.rows.iter_rows(named=True):
        now = classifier.predict([row["attacked"]])[0]
        assert row["success"] == (now != row["label"])
        assert row["became"] == now or not row["success"]
        assert len(row["changes"]) == row["edits"] <= config.edits
        assert corpus.texts[row["document"]] == row["text"]
        shown = "".join(s.now for s in segments(row["text"], row["changes"], None))
        assert shown.replace(" ", "") == row["attacked"].replace(" ", "")
    assert json.loads(found.to_json())["orders"] == found.totals.to_dicts()
    won = found.rows.filter("success").group_by("order").agg(rate=pl.len() / found.attackable)
    rates = dict(found.totals.filter(pl.col("successes") > 0).select("order", "success_rate").iter_rows())
    assert dict(won.iter_rows()) == pytest.approx(rates)


def test_another_seed_draws_other_documents(classifier, corpus):
    drawn = [
        attack(classifier, corpus, AttackConfig(documents=9, edits=1, seed=s)).rows["document"]
        for s in (0, 1)
    ]
    assert not drawn[0].equals(drawn[1])
    assert attack(classifier, corpus, AttackConfig(documents=None, edits=1)).documents == len(corpus)


def test_typos_follow_the_order_of_the_words(classifier, corpus):
    rows = attack(classifier, corpus, AttackConfig(orders=("words",), documents=None, edits=1)).rows
    changed = [
        row["text"][c["start"] : c["end"]] for row in rows.iter_rows(named=True) for c in row["changes"]
    ]
    assert sum(word in GOOD for word in changed) > 20
    assert (rows["edits"] == 1).all()


def drawn_anew(classifier):
    """The same words under weights by chance, where what a typo does hangs on the typos before it."""
    torch.manual_seed(3)
    model = copy.deepcopy(classifier.model)
    with torch.no_grad():
        for weights in model.parameters():
            weights.copy_(torch.randn(weights.shape))
        model.embed.weight[PAD] = 0
    return replace(classifier, model=model)


def test_exact_typos_are_the_best_of_all_at_every_step(classifier, corpus):
    classifier = drawn_anew(classifier)
    labels = tuple(classifier.labels.index(label) for label in classifier.predict(corpus.texts))
    corpus = corpus.labelled(labels, classifier.labels)
    found = attack(classifier, corpus, AttackConfig(orders=("exact",), documents=24, edits=4))
    assert found.rows["edits"].max() > 2
    for row in found.rows.iter_rows(named=True):
        own, text = classifier.labels.index(row["label"]), row["text"]
        tokens = classifier.tokenizer.encode(text)
        ids, able = tokens.ids.copy(), [typo(word, classifier.tokenizer) is not None for word in tokens.words]
        spans = []
        for _ in range(row["edits"]):
            tried = {}
            for place in np.flatnonzero(able & (ids != UNKNOWN)).tolist():
                changed = ids.copy()
                changed[place] = UNKNOWN
                with torch.no_grad():
                    logits = classifier.model(torch.from_numpy(changed)[None])[0]
                tried[place] = (logits[own] - logits[1 - own]).item()
            best = min(tried, key=lambda place: tried[place])
            ids[best] = UNKNOWN
            spans.append(tokens.spans[best])
        assert sorted(spans) == [(c["start"], c["end"]) for c in row["changes"]]


def test_deep_models_have_typos_alone(deep_classifier, corpus):
    found = attack(deep_classifier, corpus, AttackConfig(documents=20, edits=3))
    assert found.totals["order"].to_list() == ["gradient-x-input", "sensitivity-l2", "random"]
    assert found.rows["success"].any()
    for config in (AttackConfig("swap"), AttackConfig("insertion"), AttackConfig(orders=("exact",))):
        with pytest.raises(InputError, match="one-layer TextCNN"):
            attack(deep_classifier, corpus, config)


def test_what_is_wrong_at_first_is_not_attacked(classifier, corpus):
    labels = [1 - label for label in corpus.labels]
    found = attack(classifier, replace(corpus, labels=tuple(labels)), AttackConfig(documents=None))
    assert found.attackable == len(found.rows) == 0
    assert found.totals["success_rate"].to_list() == [0.0, 0.0, 0.0]
    assert found.totals["mean_edits"].to_list() == [None] * 3


@pytest.mark.parametrize("splitter", ["words", "whitespace", "characters"])
def test_typos_are_unknown_tokens_that_look_alike(splitter):
    tokenizer = Tokenizer(TextConfig(splitter), ("file", "f1le", "good", "a"))
    assert typo("file", Tokenizer(TextConfig(), ("file",))) == "fi1e"
    for word in ("file", "Good", "a"):
        changed = typo(word, tokenizer)
        if splitter != "characters" or len(word) == 1:
            assert tokenizer.encode(changed).ids.tolist() == [UNKNOWN]
            assert len(changed) == len(word)
            assert changed != word
    assert typo("file", Tokenizer(TextConfig(), ("file", "fi1e"))) == "f1le"
    assert typo(",", tokenizer) is None
    assert typo("puff", Tokenizer(TextConfig(), ("puff",))) == "puƒf"  # no digit looks like these
    assert typo("decided", Tokenizer(TextConfig(), ("decided",))) == "dec1ded"


def test_an_edit_that_is_read_otherwise_is_left_out(classifier):
    tokenizer = classifier.tokenizer
    attacked = AttackedDocument(0, 1, tokenizer.encode("A good film"))
    number = int(tokenizer.encode("bad").ids[0])
    edits = [Edit(1, 1, "bad bad", (number,)), Edit(1, 1, "bad", (number,))]
    [found] = greedy_batch(classifier, [attacked], [edits], 5, targets=[None], apart=True)
    assert (found.unrealised, found.edits, found.text) == (1, (edits[1],), "A bad film")


def test_edits_are_written_where_the_words_stood():
    tokenizer = Tokenizer(TextConfig(), ("do", "n't", "go", "well", "-", "known", "."))
    attacked = AttackedDocument(0, 0, tokenizer.encode("Do n't  go."))
    edits = (swapped(attacked, 0, "well", 5, lower=True), deleted(2), Edit(0, 0, "known ", (7,)))
    assert attacked.written(edits) == "known Well n't  ."
    assert attacked.expected(edits).tolist() == [7, 5, 3, 8]
    glued = AttackedDocument(0, 0, tokenizer.encode("well-known"))
    assert glued.written([deleted(1)]) == "well known"
    assert glued.written([Edit(1, 1, "go", (4,))]) == "well go known"
    assert glued.written([Edit(0, 1, "w3ll", (1,))], apart=False) == "w3ll-known"


def test_candidates_are_the_nearest_by_cosine(classifier):
    model = classifier.model
    ids = np.array([5, 1, 9, 5])
    near = Candidates(model, 3).of(ids)
    matrix = model.embed.weight.detach().double().numpy()
    cosines = matrix @ matrix[5] / np.linalg.norm(matrix, axis=1).clip(1e-12) / np.linalg.norm(matrix[5])
    cosines[[0, 1, 5]] = -2
    assert near[0].tolist() == near[3].tolist() == np.argsort(-cosines)[:3].tolist()
    assert near[1].tolist() == [1, 1, 1]
    assert Candidates(model).of(ids)[0].tolist() == list(range(2, len(matrix)))
    assert Candidates(model, unknown=True).of(ids)[0, 0] == UNKNOWN


def test_slopes_are_those_of_the_margin(classifier, corpus):
    double = replace(classifier, model=copy.deepcopy(classifier.model).double())
    [attacked, *_], _ = attackable(double, corpus, 5, 0)
    swaps, matrix = Swaps(double.model), double.model.embed.weight.data
    words, step = np.arange(2, 12)[None], 1e-6
    score = searcher(double, swaps, Candidates(double.model), "gradient", AttackConfig("swap")).score
    found = score(attacked.ids, words, attacked)
    x = matrix[torch.from_numpy(attacked.ids)][None].repeat(2, 1, 1)
    for p, m in [(1, 0), (2, 5), (3, 9)]:
        moved = x.clone()
        moved[1, p] += step * (matrix[words[0, m]] - x[0, p])
        with torch.no_grad():
            logits = double.model.classify(moved, torch.full((2,), len(attacked.ids)))
        margins = logits[:, attacked.label] - logits[:, 1 - attacked.label]
        assert found[p, m] == pytest.approx(float(margins[1] - margins[0]) / step, rel=1e-3, abs=1e-4)


def test_possible_ngrams_beat_all_others(classifier):
    model, first = classifier.model, 0
    for region, n in enumerate(model.config.regions):
        slots = region_slots(model, region, np.arange(2, model.embed.num_embeddings))
        for f in range(model.config.counts[region]):
            words = possible_ngrams(model)[first + f]
            score = sum(slots[w - 2, j, f] for j, w in enumerate(words))
            assert len(words) == n
            assert score == pytest.approx(sum(slots[:, j, f].max() for j in range(n)))
        first += model.config.counts[region]


def test_text_around_changes_is_shortened():
    changes = [{"start": 40, "end": 43, "now": "new"}]
    found = list(segments("word " * 8 + "old" + " word" * 20, changes, 10))
    assert [s.now for s in found] == [" ... word ", "new", " word ... "]
    assert [s.was for s in found][1] == "old"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"attack": "typos"}, "unknown attack 'typos': choose one of typo, swap, insertion"),
        ({"attack": "swap", "orders": ("words",)}, "unknown order 'words' of the attack 'swap'"),
        ({"orders": ("ngrams",)}, "scores n-grams"),
        ({"orders": ("wrds",)}, "unknown method 'wrds'"),
        ({"orders": ()}, "no orders were given"),
        ({"nearest": 3}, "settings of swaps"),
        ({"edits": 0}, "edits must be at least 1, got 0"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        AttackConfig(**settings)


def test_corpora_that_cannot_be_attacked_are_refused(classifier, corpus):
    with pytest.raises(InputError, match="has no labels"):
        attack(classifier, from_lists(corpus.texts))
    with pytest.raises(InputError, match="unknown label 'good'"):
        attack(classifier, corpus, AttackConfig(target="good"))
