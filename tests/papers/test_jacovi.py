"""Exhibits over several corpora: stand-ins say so, a corpus that is missing is named, verdicts are by all."""

import pytest

from convlens.data import NAMED, STAND_IN, Corpus, Splits, from_lists
from convlens.errors import InputError
from convlens.papers import Finding, Lab
from convlens.papers.exhibit import BETTER, DIFFERS, REPRODUCED
from convlens.papers.jacovi_corpora import Study, each, over_corpora, verdict
from convlens.papers.jacovi_figures import Swept, _judged
from convlens.papers.jacovi_tables import _negative


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """MR is here, Elec is a stand-in, and Yelp is not to be had."""
    rows, other = from_lists(["good", "bad"], ["pos", "neg"]), Corpus(("fine",), note=f"{STAND_IN}: not Elec")

    def refuse():
        raise InputError("no network")

    monkeypatch.setitem(NAMED, "mr", lambda: Splits(rows, rows))
    monkeypatch.setitem(NAMED, "elec", lambda: Splits(other, other))
    monkeypatch.setitem(NAMED, "yelp", refuse)
    return Lab(tmp_path, most_seeds=4)


def test_stand_ins_say_so_and_what_is_missing_is_named(lab):
    def make(studies):
        kept = {study.name: study.part("what", lambda s=study: s.data) for study in studies}
        seeds = [len(study.seeds) for study in studies]
        return Finding("", each(kept), REPRODUCED, f"{seeds}")

    finding = over_corpora(make, lab)
    assert finding.ours == "MR mr; Elec (stand-in) elec"
    assert finding.body == "[5, 4]\n\nNot to be had, and so left out: Yelp.\n"
    names = sorted(place.name for place in (lab.folder / "parts").iterdir())
    assert names == ["jacovi-elec-stand-in-what.json", "jacovi-what.json"]


def test_nothing_is_said_where_all_are_here(lab, monkeypatch):
    monkeypatch.setitem(NAMED, "yelp", NAMED["mr"])
    finding = over_corpora(lambda studies: Finding("", studies[2].name, REPRODUCED, "body"), lab)
    assert (finding.ours, finding.body) == ("Yelp", "body")


def test_a_claim_must_hold_on_every_corpus():
    assert verdict({"MR": True, "Elec": True}, "filters differ") == (REPRODUCED, "filters differ")
    assert verdict({"MR": False, "Elec": True, "Yelp": False}, "filters differ") == (
        DIFFERS,
        "on MR and Yelp it is not so that filters differ",
    )


def swept(lab, data="mr", *, lost, coverage=0.5, own=(0.8, 0.5)):
    """Two seeds with accuracies 0.79 and 0.81 (noise 0.014), which thresholds lower by `lost`."""

    def rows(accuracy):
        plain = {"purity": None, "test_accuracy": accuracy, "coverage": 0.7}
        return [plain, {"purity": 0.75, "test_accuracy": accuracy - lost, "coverage": coverage}]

    chosen = {"test_accuracy": own[0], "coverage": own[1]}
    return Swept(Study(lab, data), [{"sweep": rows(a), "chosen": chosen} for a in (0.79, 0.81)])


KEPT = "accuracy changes by less than the spread of seeds"
COSTS = "purity 0.75 costs more accuracy than the spread of seeds"


@pytest.mark.parametrize(
    ("elec", "judged"),
    [
        ({"lost": 0.01}, (BETTER, f"{KEPT}, by thresholds of their own too")),
        ({"lost": 0.01, "own": (0.8, 0.6)}, (REPRODUCED, KEPT)),
        (
            {"lost": 0.01, "coverage": 0.62, "own": (0.8, 0.6)},
            (DIFFERS, "on Elec (stand-in) fewer are dropped"),
        ),
        (
            {"lost": 0.02},
            (DIFFERS, f"on Elec (stand-in) {COSTS}, thresholds of their own cost less on every corpus"),
        ),
        ({"lost": 0.02, "own": (0.7, 0.5)}, (DIFFERS, f"on Elec (stand-in) {COSTS}")),
    ],
    ids=["better", "reproduced", "few", "costly", "costly-both"],
)
def test_figure_1_is_judged_by_all_corpora(lab, elec, judged):
    assert _judged([swept(lab, lost=0.0), swept(lab, "elec", **elec)]) == judged


def test_a_negation_is_one_that_the_top_ngram_lacks():
    def low(text, case_2=True):
        return {"ngram": {"text": text, "words": text.split(), "score": -1.0}, "case_2": case_2}

    top = {"text": "not bad", "words": ["not", "bad"]}
    lowest = [low("not good"), low("Never bad"), low("no bad", case_2=False)]
    assert _negative({"negatives": [{"of": top, "lowest": lowest}]}) == [
        ("not bad", "not good", -1.0, False),
        ("not bad", "Never bad", -1.0, True),
    ]
