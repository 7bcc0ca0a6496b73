"""Short documents: no mean over deletions of nothing."""

import numpy as np
from polars.testing import assert_frame_equal

from convlens.evaluate import EvaluateConfig, evaluate
from convlens.evaluate.deletion import areas, curves, turned

GONE = np.nan


def test_means_end_with_the_document():
    right = np.array([[[1, 1, 0, GONE, GONE]], [[1, 0, 0, 0, 0]], [[0, 1, GONE, GONE, GONE]]], float)
    config = EvaluateConfig(("words",), deletions=4, resamples=10)
    table = areas(right, ["words"], config)
    assert dict(table.select("group", "area").iter_rows()) == {"correct": 0.25, "wrong": 1.0}
    assert turned(right, ["words"], config)["turned"].to_list() == [(0.5 + 1 + 1) / 3]
    lines = curves(right, ["words"]).filter(group="correct")["accuracy"].to_list()
    assert lines == [1, 0.5, 0, 0, 0]


def test_more_deletions_than_words_change_nothing(classifier, corpus):
    longest = max(len(ids) for ids in classifier.tokenizer.ids(corpus.texts))
    few, many = (
        evaluate(classifier, corpus, EvaluateConfig(("words", "random"), sanity=0, deletions=n, resamples=20))
        for n in (longest, 50)
    )
    assert_frame_equal(few.ranking, many.ranking)
    assert_frame_equal(few.areas, many.areas)
