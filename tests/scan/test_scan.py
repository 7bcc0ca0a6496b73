"""A scan holds what `explain_all` gives for the same texts, whatever its parts, and nothing is lost."""

import gc
import json
import weakref
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.scan.conftest import BAD, SMALL

from convlens.data import Batch, Reject
from convlens.errors import InputError
from convlens.explain import METHODS, attribute_texts, explain_all
from convlens.scan import Counts, ScanConfig, ScanWatch, parts, read_scan, scan, tables
from convlens.scan.tables import Pieces, strongest
from convlens.trace.table import SlotTable

SLOW = ("integrated-gradients", "gradient-shap", "shapley-sampling", "lime")  # many passes for each text
QUICK = [name for name in METHODS if name not in SLOW]


@pytest.mark.parametrize("method", QUICK)
@pytest.mark.parametrize("target", [None, "negative"])
def test_a_scan_is_explain_all_of_the_same_texts(classifier, source, texts, tmp_path, method, target):
    counts = scan(classifier, source, tmp_path / "out", replace(SMALL, method=method, target=target))
    documents, words = (frame.collect() for frame in read_scan(tmp_path / "out"))
    explained = explain_all(classifier, texts, method=method)
    frames = [e.to_frame().with_columns(document=i) for i, e in enumerate(explained)]
    expected = pl.concat(frames).select(set(words.columns) - {"token"} | {"text"})
    kept = [c for c in words.columns if c in expected.columns]
    assert_frame_equal(words.select(kept), expected.select(kept), check_dtypes=False, abs_tol=1e-6)
    assert {c for c in words.columns if c.startswith("score:")} == (
        {"score:negative"} if target else {"score:negative", "score:positive"}
    )
    assert documents["document"].to_list() == list(range(len(texts)))
    assert documents["predicted"].to_list() == [e.predicted for e in explained]
    np.testing.assert_allclose(
        documents["probability"], [e.probabilities.max() for e in explained], atol=1e-6
    )
    np.testing.assert_allclose(
        documents.select("logit:negative", "logit:positive"), [e.logits for e in explained], atol=1e-6
    )
    if METHODS[method].sums == "exact":
        assert documents["residual"].max() < 1e-5
    else:
        assert documents["residual"].null_count() == len(texts)
    assert counts == Counts(5, len(texts), len(words), 3, "line 5: no text")


def test_lines_lead_back_to_the_file_and_spans_to_the_text(classifier, source, tmp_path):
    scan(classifier, source, tmp_path / "out", SMALL)
    documents, words = (frame.collect() for frame in read_scan(tmp_path / "out"))
    lines = source.read_text().splitlines()
    found = [json.loads(lines[line - 1])["text"] for line in documents["line"]]
    for row in words.iter_rows(named=True):
        assert found[row["document"]][row["start"] : row["end"]] == row["text"]
    assert set(range(1, len(lines) + 1)) - set(documents["line"]) == set(BAD)


def test_rows_set_aside_are_kept_with_their_reasons(classifier, source, tmp_path):
    scan(classifier, source, tmp_path / "out", SMALL)
    rejects = pl.read_parquet(tmp_path / "out" / "rejects-*.parquet")
    assert rejects["line"].to_list() == list(BAD)
    assert rejects["reason"].to_list() == [
        *("no text", "half a surrogate pair, which is no character", "broken JSON")
    ]
    assert rejects["row"].to_list() == list(BAD.values())


@pytest.mark.parametrize("sizes", [{"rows": 1}, {"rows": 7}, {"rows": 1000}, {"characters": 50}])
@pytest.mark.parametrize("top", [None, 3])
def test_any_size_of_the_parts_gives_the_same_rows(classifier, source, tmp_path, sizes, top):
    found = []
    for name, config in (("a", SMALL), ("b", ScanConfig(**sizes))):
        scan(classifier, source, tmp_path / name, replace(config, top=top))
        found.append([frame.collect() for frame in read_scan(tmp_path / name)])
    for one, other in zip(*found, strict=True):
        assert_frame_equal(one, other, abs_tol=1e-6)


@pytest.mark.parametrize("target", [None, "negative"])
def test_top_keeps_the_strongest_words_in_their_order(classifier, source, texts, tmp_path, target):
    scan(classifier, source, tmp_path / "out", replace(SMALL, top=2, target=target))
    _, words = read_scan(tmp_path / "out")
    rows = words.collect().partition_by("document", maintain_order=True)
    assert len(rows) == len(texts)
    for frame, one in zip(rows, explain_all(classifier, texts, target=target), strict=True):
        strength = np.abs(one.scores[:, one.target])
        kept = frame["token"].to_list()
        assert kept == sorted(kept)
        assert len(kept) == min(2, len(strength))
        np.testing.assert_allclose(np.sort(strength[kept]), np.sort(strength)[-2:][-len(kept) :], atol=1e-6)


def test_of_equally_strong_words_the_first_are_kept():
    owners, offsets = np.array([0, 0, 0, 2, 2]), np.array([0, 3, 3, 5])
    assert strongest(owners, offsets, np.array([1.0, 2, 1, 0, 0]), 2).tolist() == [0, 1, 3, 4]
    assert strongest(owners, offsets, np.array([1.0, 2, 1, 0, 0]), 1).tolist() == [1, 3]


@pytest.mark.parametrize("method", QUICK)
def test_texts_without_words_and_batches_without_texts(classifier, method):
    config = ScanConfig(method=method, top=1)
    for texts in ((), ("", " "), ("", "good", "")):
        batch = Batch(0, 10, tuple(range(1, len(texts) + 1)), texts, (Reject(9, "no text", ""),))

        def made(*given, batch=batch):
            found = attribute_texts(
                classifier, [classifier.tokenizer.encode(t) for t in given], method=method
            )
            return tables(classifier, replace(batch, texts=given), found, config)

        one, full = made(*texts), made(*["good"] * len(texts))
        assert one.documents["document"].to_list() == list(range(10, 10 + len(texts)))
        assert one.words["document"].to_list() == [11] * ("good" in texts)
        assert one.rejects.row(0) == (9, "no text", "")
        assert one.words.schema == full.words.schema
        assert one.documents.schema == full.documents.schema


def test_a_part_whose_rows_are_all_unusable(classifier, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("{}\n" * 3 + '{"text": "good"}\n')
    assert scan(classifier, path, tmp_path / "out", ScanConfig(rows=2)).documents == 1
    documents, words = read_scan(tmp_path / "out")
    assert documents.collect()["line"].to_list() == [4]
    assert words.collect()["text"].to_list() == ["good"]


def test_at_most_two_batches_are_alive(classifier, source, tmp_path):
    alive: list[weakref.ref] = []
    most = []

    class Counting(ScanWatch):
        def on_part(self, batch, tokens):
            alive.append(weakref.ref(batch))
            gc.collect()
            most.append(sum(ref() is not None for ref in alive))

    gc.freeze()  # what was there before is not looked at again and again
    scan(classifier, source, tmp_path / "out", ScanConfig(rows=2), watch=Counting())
    gc.unfreeze()
    assert len(most) > 10
    assert max(most) <= 2


def test_a_scan_makes_one_slot_table(classifier, source, texts, tmp_path, monkeypatch):
    built = []
    build = SlotTable.build
    monkeypatch.setattr(SlotTable, "build", lambda self, part: built.append(part.region) or build(self, part))
    counts = scan(classifier, source, tmp_path / "out", ScanConfig(rows=5))
    assert counts.parts > 3
    assert built == [0, 1]  # one for each region size


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"method": "ngram"}, "did you mean 'ngrams'"),
        ({"top": 0}, "top must be at least 1"),
        ({"rows": 0}, "at least 1 row"),
        ({"target": "postive"}, "did you mean 'positive'"),
        ({"text": "body"}, "has no column 'body'"),
    ],
)
def test_what_cannot_be_done_writes_nothing(classifier, source, tmp_path, config, said):
    with pytest.raises(InputError, match=said):
        scan(classifier, source, tmp_path / "out", ScanConfig(**config))
    assert not (tmp_path / "out").exists()


def test_a_file_that_changes_while_it_is_read_is_no_whole_scan(classifier, source, tmp_path):
    class Changing(ScanWatch):
        def on_part(self, batch, tokens):
            source.touch()

    with pytest.raises(InputError, match="changed while it was read"):
        scan(classifier, source, tmp_path / "out", SMALL, watch=Changing())
    with pytest.raises(InputError, match="is not complete"):
        read_scan(tmp_path / "out")


def test_long_tables_are_laid_out_some_rows_at_a_time(classifier, texts, tmp_path, monkeypatch):
    batch = Batch(0, 5, tuple(range(len(texts))), tuple(texts))
    found = attribute_texts(classifier, classifier.tokenizer.encode_all(texts))
    whole = tables(classifier, batch, found, ScanConfig())
    expected, sizes = whole.words, []
    monkeypatch.setitem(Pieces.__iter__.__globals__, "AT_ONCE", 7)  # the module is named as its function
    monkeypatch.setattr(parts, "AT_ONCE", 7)

    def make(first, last):
        sizes.append(last - first)
        return whole.pieces.make(first, last)

    path = tmp_path / "words.parquet"
    path.write_bytes(parts.parquet_of(replace(whole.pieces, make=make)))
    assert_frame_equal(pl.read_parquet(path), expected)
    assert max(sizes) == 7
    assert sum(sizes) == len(expected) > 7
    assert path.read_bytes() == parts.parquet_of(whole.pieces)
