"""What an attack reads is what the classifier reads, however its tokeniser is set and whatever is switched off."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convlens.attack import AttackConfig, attack
from convlens.attack.attacked import attackable, deleted, realised, swapped
from convlens.compress import disable, find_pattern
from convlens.data import from_lists
from convlens.text import TextConfig, build_tokenizer

SETTINGS = {
    "max_tokens": st.sampled_from([None, 1, 2, 4]),
    "keep_unknown": st.booleans(),
    "only": st.sampled_from([None, "[a-z]+"]),
    "keep_stop_words": st.booleans(),
}
NGRAMS = st.sets(st.sampled_from(["good film", "film good", "a dull", "bad film good"]), max_size=2)
WORDS = st.sampled_from(["a", "good", "bad", "dull", "film", "zzz", "7"])
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=7).map(" ".join), min_size=1, max_size=8)


def read_by(classifier, limits, ngrams=()):
    """A classifier with its words under other limits, and with n-grams switched off."""
    patterns = [find_pattern(classifier, f"ngram:{ngram}") for ngram in sorted(ngrams)]
    edited = disable(classifier, patterns)
    config = replace(edited.tokenizer.config, **limits)
    return replace(edited, tokenizer=replace(edited.tokenizer, config=config))


@pytest.fixture(scope="module")
def reader(classifier):
    """The toy classifier with a vocabulary that these texts have."""
    words = build_tokenizer(["a good bad dull film"], TextConfig(min_count=1)).words
    others = [word for word in classifier.tokenizer.words if word not in words]
    kept = (*words, *others)[: len(classifier.tokenizer.words)]
    return replace(classifier, tokenizer=replace(classifier.tokenizer, words=kept))


@settings(max_examples=60)
@given(st.fixed_dictionaries(SETTINGS), NGRAMS, TEXTS, st.data())
def test_an_attack_reads_what_the_classifier_reads(reader, limits, ngrams, texts, data):
    changed = read_by(reader, limits, ngrams)
    predicted = list(changed.predict(texts))
    documents, _ = attackable(changed, from_lists(texts, predicted, changed.labels), None, 0)
    assert len(documents) == len(texts)
    tokenizer = changed.tokenizer
    for attacked in documents:
        assert attacked.ids.tolist() == tokenizer.encode(attacked.tokens.text).ids.tolist()
        if len(attacked.ids):
            place = data.draw(st.integers(0, len(attacked.ids) - 1))
            word = data.draw(st.sampled_from(["good", "film", "dull"]))
            number = int(replace(tokenizer, masked=()).encode(word).ids[0])
            for edit in (deleted(place), swapped(attacked, place, word, number, lower=True)):
                assert realised(tokenizer, [attacked.written([edit])], [attacked.expected([edit])]) == [True]


@pytest.mark.parametrize("limits", [{}, {"keep_unknown": False}, {"only": "[a-z]+"}, {"max_tokens": 3}])
@pytest.mark.parametrize(
    "config",
    [
        AttackConfig(edits=3, documents=None),
        AttackConfig("swap", edits=2, documents=None),
        AttackConfig("insertion", edits=3, documents=None),
    ],
)
def test_successes_are_those_of_an_edited_model_with_limits(classifier, corpus, limits, config):
    changed = read_by(classifier, {"max_tokens": 5, **limits}, ["good film", "with some"])
    found = attack(changed, corpus, config)
    assert found.rows["success"].any()
    for row in found.rows.filter("success").iter_rows(named=True):
        assert changed.predict([row["attacked"]])[0] == row["became"] != row["label"]


def test_an_ngram_longer_than_the_limit_can_be_named(classifier):
    limited = read_by(classifier, {"max_tokens": 1})
    assert len(find_pattern(limited, "ngram:good film").numbers) == 2


def test_no_edit_asks_for_the_word_that_masks(classifier, corpus):
    edited = read_by(classifier, {"max_tokens": 4}, ["good film"])
    swaps = AttackConfig("swap", ("exact",), edits=2, documents=None)
    assert attack(edited, corpus, swaps).totals["unrealised"].sum() == 0
