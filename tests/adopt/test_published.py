"""The model that Jacovi et al. published, adopted from its weights, has the numbers that they printed."""

import pytest
from benchmarks.published import adopted, clusters, numbers, printed, trace_of


@pytest.fixture(scope="module")
def folder(corpora):
    folder = corpora / "jacovi2018_published"
    if not (folder / "weights.safetensors").is_file():
        pytest.skip(f"the published model is not in {folder}")
    return folder


@pytest.mark.corpora
def test_a_published_model_is_taken_over_with_its_published_numbers(folder):
    classifier = adopted(folder)
    proof = classifier.adoption.proof
    assert (proof.texts, proof.compared, proof.largest < 1e-5) == (10_662, "logits", True)
    texts, rows = trace_of(classifier, folder), printed(folder)
    assert len(rows) == 40
    for number, row in enumerate(rows):
        ours = numbers(classifier, texts, number)
        assert ours.passing == row["passing"]
        assert ours.threshold == pytest.approx(row["threshold"], abs=1e-4)
        assert ours.purity == pytest.approx(row["purity"], abs=1e-9)
        assert ours.best_ngram == row["best_ngram"]
        assert ours.best_score == pytest.approx(row["best_score"], abs=1e-4)
    fewest = min(range(40), key=lambda number: rows[number]["passing"])
    sizes = clusters(
        texts, fewest, int(rows[fewest]["filter"][1]), numbers(classifier, texts, fewest).documents
    )
    assert sizes == rows[fewest]["cluster_sizes"]
