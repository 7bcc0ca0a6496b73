"""Every method on every family through the command line: an answer, or exit code 2 with the reason."""

import json

import numpy as np
import pytest

from convlens.explain import METHODS
from convlens.models import FAMILIES, save


@pytest.fixture(scope="session")
def folders(classifier, deep_classifier, tmp_path_factory):
    place = tmp_path_factory.mktemp("families")
    for name, made in (("TextCNN", classifier), ("DeepTextCNN", deep_classifier)):
        save(made, place / name)
    return place


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_answers_or_says_why_not(run, refused, folders, method, family):
    command = ("explain", folders / family, "A superb film, funny and warm", "--method", method, "--json")
    if family not in METHODS[method].families:
        message = refused(*command)
        assert f"the method '{method}'" in message
        assert "choose one of words, ngrams, lrp, gradient-x-input" in message
        return
    done = run(*command)
    assert done.code == 0, done.err
    found = json.loads(done.out)
    scores, bias, logits = (np.array(found[name]) for name in ("scores", "bias", "logits"))
    assert (found["method"], found["sums"]) == (method, METHODS[method].sums)
    assert len(scores) == len(found["tokens"])
    assert np.isfinite(scores).all()
    if found["sums"] == "exact":
        np.testing.assert_allclose(scores.sum(0) + bias, logits, atol=1e-4)
        assert found["residual"] < 1e-4


def test_an_unknown_method_lists_the_known_and_suggests_the_nearest(refused, folders):
    message = refused("explain", folders / "TextCNN", "good", "--method", "oclusion")
    assert "unknown method 'oclusion': did you mean 'occlusion'? the methods are words, ngrams, " in message
