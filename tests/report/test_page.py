"""The page as a file: complete in itself, with every part, and without parts it has no data for."""

import base64
import hashlib
import re
from dataclasses import replace
from importlib.resources import files

import numpy as np

from convlens.models import Metrics
from convlens.report.page import render

ASSETS = files("convlens.report") / "assets"


def test_nothing_is_loaded_from_anywhere(make_data):
    page = render(make_data(3))
    assert not re.search(r"https?://|//cdn|@import|url\(", page)
    assert re.findall(r'(?:src|href)="([^"#][^"]*)"', page) == ["data:,"]


def test_the_policy_allows_this_style_and_this_script_only(make_data):
    page = render(make_data(3))
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src &#39;none&#39;;")
    assert "unsafe" not in policy
    for element in ("style", "script"):
        [content] = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{element}-src &#39;sha256-{digest}&#39;" in policy


def test_scripts_never_parse_data_as_html():
    for path in ASSETS.glob("*.js"):
        script = path.read_text(encoding="utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(", script
        ), path


def test_assets_keep_to_the_budget_of_files():
    for path in ASSETS.iterdir():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path


def test_the_head_tells_model_data_and_notes(make_data):
    page = render(make_data(3))
    for wanted in (
        "Movie reviews",
        "18,765 words",
        "reviews/test.csv",
        "stand in for the corpus",
        "2026-01-31",
    ):
        assert wanted in page


def test_metrics_stand_beside_the_baseline(make_data):
    metrics = Metrics(("negative", "positive"), np.array([[6, 1], [2, 1]]))
    page = render(replace(make_data(10), metrics=metrics))
    assert "70.0%" in page  # 7 of 10 are right, and 7 of 10 are negative
    assert "the mark: 70.0% for always answering" in page
    assert 'data-truth="1" data-predicted="0" aria-pressed="false"' in page
    assert "2 documents: true positive, predicted negative" in page


def test_unlabelled_data_have_no_metrics(make_data):
    page = render(make_data(3, labelled=False))
    assert "The data carry no labels" in page
    for absent in ("Accuracy", "Confusion", 'value="wrong"'):
        assert absent not in page
    assert "The words that count" in page


def test_an_empty_corpus_still_gives_a_page(make_data):
    page = render(make_data(0, labelled=False))
    assert '"number":[]' in page
    assert 'id="text-0"' not in page


def test_a_sample_says_so(make_data):
    page = render(replace(make_data(3), total=25_000))
    assert "3 of 25,000 documents" in page
    assert "25,000 documents" not in render(make_data(3))
