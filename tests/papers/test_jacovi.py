"""Exhibits over several corpora: stand-ins say so, a corpus that is missing is named, verdicts are by all."""

import pytest

from convlens.data import NAMED, STAND_IN, Corpus, Splits, from_lists
from convlens.errors import InputError
from convlens.papers import ArtifactStore, Result
from convlens.papers.artifact import DIFFERS, REPRODUCED
from convlens.papers.jacovi2018.corpora import Study, each, over_corpora, verdict
from convlens.papers.jacovi2018.figures import Swept, _judged, _unlike
from convlens.papers.jacovi2018.tables import _filled, _negative, table4
from convlens.papers.jacovi2018.texts import figure3


@pytest.fixture
def store(tmp_path, monkeypatch):
    """MR is here, Elec is a stand-in, and Yelp is not to be had."""
    rows = from_lists(["good", "bad"] * 500, ["pos", "neg"] * 500)
    other = Corpus(("fine",) * 1000, note=f"{STAND_IN}: not Elec")

    def refuse():
        raise InputError("no network")

    monkeypatch.setitem(NAMED, "mr", lambda: Splits(rows, rows))
    monkeypatch.setitem(NAMED, "elec", lambda: Splits(other, other))
    monkeypatch.setitem(NAMED, "yelp", refuse)
    return ArtifactStore(tmp_path, most_seeds=4)


def test_stand_ins_say_so_and_what_is_missing_is_named(store):
    def make(studies):
        kept = {study.name: study.part("what", lambda s=study: s.data) for study in studies}
        seeds = [len(study.seeds) for study in studies]
        return Result("", each(kept), REPRODUCED, f"{seeds}")

    result = over_corpora(make, store)
    assert result.ours == "MR mr; Elec (stand-in) elec"
    assert result.body == "[5, 4]\n\nNot to be had, and so left out: Yelp.\n"
    names = sorted(place.name for place in (store.folder / "parts").iterdir())
    assert names == ["jacovi-elec-stand-in-what.json", "jacovi-what.json"]


def test_nothing_is_said_where_all_are_here(store, monkeypatch):
    monkeypatch.setitem(NAMED, "yelp", NAMED["mr"])
    result = over_corpora(lambda studies: Result("", studies[2].name, REPRODUCED, "body"), store)
    assert (result.ours, result.body) == ("Yelp", "body")


def test_a_claim_must_hold_on_every_corpus():
    assert verdict({"MR": True, "Elec": True}, "filters differ") == (REPRODUCED, "filters differ")
    assert verdict({"MR": False, "Elec": True, "Yelp": False}, "filters differ") == (
        DIFFERS,
        "on MR and Yelp it is not so that filters differ",
    )


def swept(store, data="mr", *, lost=0.0, coverage=0.5, seeds=(0.79, 0.81)):
    """Seeds whose accuracies thresholds lower by `lost`; two of 1,000 rows differ by noise below 3.5 points."""

    def rows(accuracy):
        plain = {"purity": None, "test_accuracy": accuracy, "coverage": 0.7}
        return [plain, {"purity": 0.75, "test_accuracy": accuracy - lost, "coverage": coverage}]

    return Swept(Study(store, data), [{"sweep": rows(a), "chosen": {}} for a in seeds])


KEPT = "accuracy changes by no more than the noise of 3.5 points on MR"
ASIDE = " (not judged: Elec (stand-in) within the noise of 3.5 points)"


@pytest.mark.parametrize(
    ("mr", "elec", "judged"),
    [
        ({"lost": 0.03}, {}, (REPRODUCED, KEPT + ASIDE)),
        ({}, {"lost": 0.04, "coverage": 0.7}, (REPRODUCED, KEPT + ASIDE.replace("within", "beyond"))),
        ({"coverage": 0.62}, {}, (DIFFERS, "on MR fewer are dropped" + ASIDE)),
        (
            {"lost": 0.04},
            {},
            (DIFFERS, f"purity 0.75 costs more accuracy than the noise of 3.5 points on MR{ASIDE}"),
        ),
    ],
    ids=["reproduced", "stand-in-costly", "few", "costly"],
)
def test_figure_1_is_judged_by_what_is_theirs(store, mr, elec, judged):
    assert _judged([swept(store, **mr), swept(store, "elec", **elec)]) == judged


def test_noise_is_the_larger_of_seeds_and_test_rows(store):
    assert swept(store).noise == pytest.approx(1.96 * (2 * 0.8 * 0.2 / 1000) ** 0.5)
    assert swept(store, seeds=(0.7, 0.9)).noise == pytest.approx(0.02**0.5)


def test_figure_2_needs_a_filter_that_hardly_ever_passes(store):
    study = Study(store, "mr")
    assert _unlike({study: 0.04})[0] == REPRODUCED
    assert _unlike({study: 0.35}) == (
        DIFFERS,
        "nothing as uninformative was found on MR (least coverage 35%), every filter is used",
    )


@pytest.mark.parametrize(("scored", "judged"), [((5, 5, 9), REPRODUCED), ((5, 6, 0), DIFFERS)])
def test_figure_3_needs_most_texts_with_at_most_half_of_their_words(store, monkeypatch, scored, judged):
    text = {"text": "t", "predicted": "pos", "words": 10, "picture": "<svg/>", "stopped": []}
    monkeypatch.setattr(Study, "part", lambda study, name, make: [{**text, "scored": n} for n in scored])
    result = figure3([Study(store, "mr")])
    assert result.verdict == judged
    assert list(result.figures) == ["figure3a.svg", "figure3b.svg", "figure3c.svg"]


def test_an_ngram_fills_every_slot_where_it_is_the_best_possible():
    def ngrams(*texts):
        return [{"words": text.split()} for text in texts]

    card = {"top_possible": ngrams("so good"), "top_natural": ngrams("so good", "so bad")}
    assert _filled([card, card]) == (2, 4, 0.75)


@pytest.mark.parametrize(
    ("first", "negated", "judged"), [("not good", 1, REPRODUCED), ("a good", 0, DIFFERS)]
)
def test_table_4_needs_a_negation_and_tells_their_share(store, monkeypatch, first, negated, judged):
    def ngram(text):
        return {"text": text, "words": text.split(), "score": -1.0}

    lowest = [{"ngram": ngram(text), "case_2": True} for text in [first, *["a good"] * 19]]
    of = {"of": ngram("so good"), "total": 90, "case_2": 30, "lowest": lowest}
    card = {"filter": 3, "class": "pos", "negatives": [of]}
    monkeypatch.setattr(Study, "cards", lambda study: [card])
    result = table4([Study(store, "mr")])
    assert result.verdict == judged
    assert result.ours == f"n-grams of case 2 with a negation: MR {negated} of 20"
    assert f"they are few of case 2: MR {negated / 20:.1%}" in result.why
    assert f"| MR | 90 | 30 | 20 | {negated} |" in result.body


def test_a_negation_is_one_that_the_top_ngram_lacks():
    def low(text, case_2=True):
        return {"ngram": {"text": text, "words": text.split(), "score": -1.0}, "case_2": case_2}

    top = {"text": "not bad", "words": ["not", "bad"]}
    lowest = [low("not good"), low("Never bad"), low("no bad", case_2=False)]
    assert _negative({"negatives": [{"of": top, "lowest": lowest}]}) == [
        ("not bad", "not good", -1.0, False),
        ("not bad", "Never bad", -1.0, True),
    ]
