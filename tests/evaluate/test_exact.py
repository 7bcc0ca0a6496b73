"""The exact order of deletion against the model run again for every word that is left."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.evaluate.test_deletion import SMALL, flipped
from tests.evaluate.test_zeroing import models, slow, words

from convlens.evaluate import EXACT, evaluate, exact_order

__all__ = ["flipped"]  # a fixture


def margin(model, ids, gone, truth):
    logits = slow(model, ids, gone)
    return float(logits[truth] - max(y for c, y in enumerate(logits) if c != truth))


@given(models, words, st.integers(0, 1), st.sampled_from((1, -1)), st.integers(1, 12))
def test_each_word_is_the_best_of_those_left(model, ids, truth, sign, deletions):
    order = exact_order(model, ids, truth, sign, deletions).tolist()
    assert len(set(order)) == len(order) == min(deletions, len(ids))
    for s, place in enumerate(order):
        left = [t for t in range(len(ids)) if t not in order[:s]]
        after = {t: sign * margin(model, ids, [*order[:s], t], truth) for t in left}
        assert after[place] == pytest.approx(min(after.values()), abs=1e-9)


def test_no_method_turns_more_decisions_by_one_word(classifier, flipped):
    found = evaluate(classifier, flipped, replace(SMALL, methods=(EXACT, "words", "lrp", "random")))
    assert found.methods == ("words", "lrp", EXACT, "random")
    for group, best in (("correct", min), ("wrong", max)):
        firsts = {name: found.curve(name, group)[1] for name in found.methods}
        assert firsts[EXACT] == best(firsts.values())
    areas = found.areas.filter(method=EXACT)
    assert areas["rank"].to_list() == [1, 1]


def test_it_has_no_scores_to_compare(classifier, flipped):
    found = evaluate(classifier, flipped, replace(SMALL, methods=(EXACT, "words"), sanity=4))
    assert found.erasure["method"].to_list() == ["words"]
    assert len(found.agreement) == 0
    assert found.sanity["method"].unique().to_list() == ["words"]
    alone = evaluate(classifier, flipped, replace(SMALL, methods=(EXACT,)))
    assert alone.curve(EXACT, "correct") == found.curve(EXACT, "correct")


def test_a_document_without_words_has_no_order(classifier):
    ids = torch.zeros(0, dtype=torch.long)
    assert exact_order(classifier.model, ids, 0, 1, 5).tolist() == []
