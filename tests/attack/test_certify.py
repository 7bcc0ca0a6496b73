"""Certificates against brute force: every text that edits can make, read by the model."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.shallow import WORDS

from convlens.attack import CertifyConfig, certify
from convlens.attack.attacked import AttackedDocument
from convlens.attack.bounds import IntervalBounds
from convlens.attack.branch_and_bound import Start
from convlens.attack.certifying import BROKEN, CERTIFIED, UNDECIDED, Certifier
from convlens.attack.roundoff import roundoff
from convlens.data import from_lists
from convlens.errors import InputError
from convlens.models import Classifier, TextCNN, TextCNNConfig, pad
from convlens.text import TextConfig, Tokenizer

WORD = tuple(f"w{i}" for i in range(2, WORDS))


def classifier_of(model, most=None):
    tokenizer = Tokenizer(TextConfig("whitespace", max_tokens=most), WORD)
    return Classifier(model, tokenizer, tuple(f"c{i}" for i in range(model.classes)))


def classifiers():
    from tests.shallow import models

    return models(gated=False, padded=True, wide=True).filter(lambda m: m.classes <= 5).map(classifier_of)


texts = st.lists(st.sampled_from(["w2", "w3", "w4", "w7", "odd"]), max_size=5).map(" ".join)


def every_edit(ids, choices, edits, most=None):
    """All documents that up to so many edits of different words make; `choices` (L, M) or (1, M)."""
    rows = np.broadcast_to(choices, (len(ids), choices.shape[1])).tolist()
    options = [
        [(word,), (), *((other,) for other in row)] for word, row in zip(ids.tolist(), rows, strict=True)
    ]
    found = set()
    for made in product(*(range(len(o)) for o in options)) if len(ids) else [()]:
        if sum(choice > 0 for choice in made) <= edits:
            document = [w for o, choice in zip(options, made, strict=True) for w in o[choice]]
            found.add(tuple(document[:most]))
    return sorted(found)


def decisions(classifier, documents):
    with torch.no_grad():
        made = pad([np.array(d, dtype=np.int64) for d in documents])
        return classifier.model(made).float().argmax(1).numpy()


def brute(classifier, attacked, certifier, edits):
    choices = certifier.candidates.of(attacked.tokens.ids) if len(attacked.ids) else np.zeros((1, 0), int)
    made = every_edit(attacked.tokens.ids, choices, edits, attacked.most)
    return bool((decisions(classifier, made) != attacked.label).any())


def check(classifier, text, config, sure):
    label = int(classifier.logits([text]).argmax())
    attacked = AttackedDocument(0, label, classifier.tokenizer.encode(text))
    certifier = Certifier(classifier, config)
    found, truth = certifier.verdict(attacked), brute(classifier, attacked, certifier, config.edits)
    if found.verdict == BROKEN:
        assert truth
        assert 1 <= len(found.outcome.edits) <= config.edits
        assert classifier.logits([found.outcome.text]).argmax() == found.outcome.became != label
    if found.verdict == CERTIFIED:
        assert not truth
    assert not sure or found.verdict != UNDECIDED


@given(classifiers(), texts, st.sampled_from([None, 1, 3]))
@settings(max_examples=25)
def test_one_edit_is_decided_completely(classifier, text, nearest):
    check(classifier, text, CertifyConfig(1, nearest), sure=True)


@given(classifiers(), texts, st.sampled_from([1, 2]))
@settings(max_examples=15)
def test_two_edits_among_few_words_are_decided(classifier, text, nearest):
    check(classifier, text, CertifyConfig(2, nearest), sure=True)


@given(classifiers(), texts.filter(lambda t: len(t) < 9))
@settings(max_examples=15)
def test_two_edits_among_all_words_are_never_certified_wrongly(classifier, text):
    check(classifier, text, CertifyConfig(2, budget=200), sure=False)


def test_a_certificate_may_be_had_for_several_edits():
    model = sum_of_signs()
    classifier = classifier_of(model)
    strong, weak = "w2 w2 w2 w2 w2 w2", "w2 w3 w2"
    rows = certify(classifier, from_lists([strong, weak], ["c0", "c0"]), CertifyConfig(2)).rows
    assert rows["verdict"].to_list() == [CERTIFIED, BROKEN]
    assert rows["margin"][0] > 0


def sum_of_signs():
    """Class 0 unless three words but w2 stand in a row."""
    model = TextCNN(TextCNNConfig((3,), 1, dim=1), WORDS, 2).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0)
        model.embed.weight[3:] = 1
        model.embed.weight[1] = 1
        model.convs[0].weight.fill_(1)
        model.head.weight.copy_(torch.tensor([[0.0], [1.0]]))
        model.head.bias.copy_(torch.tensor([2.5, 0.0]))
    return model


def test_a_deletion_lets_in_the_word_that_was_not_read():
    classifier = classifier_of(sum_of_signs(), most=3)
    corpus = from_lists(["w3 w3 w2 w3", "w3 w3 w2 w2"], ["c0", "c0"])
    found = certify(classifier, corpus, CertifyConfig(1, 1)).rows
    assert found["verdict"].to_list() == [BROKEN, CERTIFIED]
    assert (found["attacked"][0], found["became"][0]) == ("w3 w3  w3", "c1")
    assert found["changes"][0].to_list() == [{"start": 6, "end": 8, "now": ""}]


@given(classifiers(), st.integers(1, 6), st.integers(1, 2))
@settings(max_examples=8)
def test_no_choice_lies_below_its_bound(classifier, length, edits):
    certifier = Certifier(classifier, CertifyConfig(edits, 2))
    ids = np.random.default_rng(length).integers(2, WORDS, length)
    bounds = IntervalBounds(certifier.swaps, ids, certifier.candidates.of(ids))
    differences = certifier.swaps.differences(0)
    for _, rows in Start(length, length, edits).documents():
        bound = bounds.lowest(rows[:4], differences)
        for row, low in zip(rows[:4], bound, strict=True):
            every = row[None]
            while len(every) and (places := bounds.free(every))[0] < every.shape[1]:
                every = bounds.decided(every, places)
            exact = bounds.lowest(every, differences)
            assert exact.min() >= low - 1e-9
            words = np.where(every < length, every, 0)
            chosen = bounds.candidates.reshape(-1)[np.clip(every - 2 * length, 0, None)]
            ids_of = np.where(every < length, ids[words], chosen)
            with torch.no_grad():
                logits = classifier.model(torch.from_numpy(ids_of)).numpy()
            right = (logits[:, :1] - logits[:, 1:]).min(1)
            np.testing.assert_allclose(exact, right, atol=1e-9 * max(abs(right).max(), 1))


def test_all_starts_are_counted():
    for words, most, edits in [(0, 0, 2), (1, 1, 3), (5, 5, 2), (5, 3, 2)]:
        start = Start(words, most, edits)
        assert start.count == sum(len(rows) for _, rows in start.documents())
    assert Start(5, 5, 2).count == math.comb(5, 2) + 5 * 4 + math.comb(5, 2)


def test_round_off_stays_below_its_bound():
    torch.manual_seed(0)
    model = TextCNN(TextCNNConfig((2, 3), 20, dim=30), 200, 3).eval()
    ids = torch.randint(1, 200, (50, 12))
    with torch.no_grad():
        single, double = model(ids).double(), model.double()(ids)
    away = abs((single - double)[:, :, None] - (single - double)[:, None, :]).amax((0, 2)).numpy()
    bound = roundoff(model.float())
    assert (away < bound).all()
    assert (bound < 0.01).all()
    assert (roundoff(model.double()) < bound * 1e-8).all()


def test_what_cannot_be_certified_is_refused(deep_classifier, classifier, corpus):
    with pytest.raises(InputError, match="needs the trace of a one-layer TextCNN"):
        certify(deep_classifier, corpus)
    with pytest.raises(InputError, match="has no labels"):
        certify(classifier, replace(corpus, labels=None))
    with pytest.raises(InputError, match="edits must be at least 1"):
        CertifyConfig(edits=0)
