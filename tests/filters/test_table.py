"""The filter table against counting by hand."""

import numpy as np
import torch

from convlens.explain import explain_all
from convlens.filters import filter_table


def pooled(classifier, texts):
    """(texts, filters): each filter's value on each text alone, straight from torch's convolution."""
    rows = []
    for text in texts:
        ids = torch.tensor(classifier.tokenizer.encode(text).ids)[None]
        x = classifier.model.embed(ids).transpose(1, 2)
        rows.append(torch.cat([conv(x).amax(2) for conv in classifier.model.convolutions], 1).relu()[0])
    return torch.stack(rows).detach().numpy()


def test_every_column_is_what_it_says(classifier, corpus):
    table = filter_table(classifier, corpus.texts)
    values = pooled(classifier, corpus.texts)
    head = classifier.model.head.weight.detach().numpy()
    labels = np.array(classifier.labels)
    assert table["filter"].to_list() == list(range(16))
    assert table["region"].to_list() == [2] * 8 + [3] * 8
    assert table["class"].to_list() == labels[head.argmax(0)].tolist()
    np.testing.assert_allclose(table["weight"], head.max(0), rtol=1e-6)
    np.testing.assert_allclose(table["mean"], values.mean(0), atol=1e-5)
    np.testing.assert_allclose(table["active"], (values > 0).mean(0), atol=1e-9)


def test_top_ngrams_are_distinct_and_the_strongest(classifier, corpus):
    table = filter_table(classifier, corpus.texts)
    explained = explain_all(classifier, corpus.texts, method="ngrams")
    values = pooled(classifier, corpus.texts)
    for row in table.iter_rows(named=True):
        found = [ngram["text"] for ngram in row["ngrams"]]
        assert len({text.lower() for text in found}) == len(found)
        strongest = values[:, row["filter"]].max()
        if strongest > 0:
            best = int(values[:, row["filter"]].argmax())
            assert found[0].lower() == explained[best].tokens[row["filter"]].lower()
            assert abs(row["ngrams"][0]["activation"] - strongest) < 1e-5


def test_no_texts_give_a_table_of_filters_that_saw_nothing(classifier):
    table = filter_table(classifier, [""])
    assert table["active"].to_list() == [0.0] * 16
    assert table["ngrams"].to_list() == [[]] * 16
