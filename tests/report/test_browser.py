"""The page in a real browser, from disk, with the console and the network watched."""

import json
from dataclasses import replace

import numpy as np
import pytest

from convlens.report import collect
from convlens.report.payload import quantise

pytestmark = pytest.mark.browser
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)> \u202e evil"


def settled(page, selector: str, wanted: str) -> None:
    page.locator(selector, has_text=wanted).wait_for()


def number(text: str) -> float:
    return float(text.replace("\u2212", "-").replace(",", ""))


def test_five_thousand_documents_open_little_slower_than_fifty(show, make_data):
    ratios = []
    while not ratios or (ratios[-1] >= 5 and len(ratios) < 3):  # on a machine that stalls, once more
        times = []
        for count in (50, 5000):
            page = show(make_data(count, words=230, filters=100))
            times.append(page.evaluate("performance.now()"))
        ratios.append(times[1] / times[0])
    assert ratios[-1] < 5, ratios
    assert page.inner_text("#count") == "5,000 documents"
    assert page.locator(".row").count() < 100


def test_what_the_page_shows_is_what_python_computed(show, make_data):
    data = make_data(4)
    page = show(data)
    document, target = data.documents[0], int(data.documents[0].logits.argmax())
    shown = [number(t) for t in page.locator("#sides .value").all_text_contents()]
    scores, steps = quantise(document.token_scores[0].scores)
    wanted = (scores * steps)[:, target]
    assert sorted(shown) == pytest.approx(sorted(wanted[wanted != 0]), abs=1e-3)
    ngrams = document.pooled[:, None] * data.head.weights + data.head.biases / len(data.filters)
    largest = ngrams[np.argmax(abs(ngrams[:, target])), target]
    assert number(page.locator("#ngrams tr").first.locator("td").last.inner_text()) == pytest.approx(
        largest, rel=1e-3
    )
    assert page.inner_text("#text") == document.text
    first = document.token_scores[0]
    residual = f"{abs(first.total + first.bias - document.logits)[target]:.1e}".replace("e-0", "e-")
    assert f"Difference: {residual}" in page.inner_text("#proof")


def test_search_and_filters(show, make_data):
    page = show(make_data(60, texts=("a needle in here",)))
    page.fill("#query", "NEEDLE")
    settled(page, "#count", "1 document")
    page.fill("#query", "no such words")
    settled(page, "#none", "No document matches")
    page.click("#clear")
    settled(page, "#count", "60 documents")
    page.check("input[value=wrong]")
    wrong = int(page.inner_text("#count").split()[0])
    assert 0 < wrong < 60
    assert page.locator(".row .wrong").count() == wrong
    page.check("input[value=least]")
    chances = [float(t.strip("<>%")) for t in page.locator(".row .chance").all_text_contents()]
    assert chances == sorted(chances)


FOUND = "[...CSS.highlights.get('found')].map((range) => range.toString())"


def test_what_is_searched_for_is_marked(show, make_data):
    page = show(make_data(30, texts=("A needle, a NEEDLE \u0130 here; needle here",)))
    assert page.evaluate(FOUND) == []
    page.fill("#query", "needle")
    settled(page, "#count", "1 document")
    for marked in (["needle", "NEEDLE", "needle"], ["needle", "NEEDLE", "needle"]):  # words, and once more
        shown = page.evaluate(
            FOUND.replace(".map((", ".filter((r) => r.startContainer.parentNode.closest('#text')).map((")
        )
        assert shown == marked
        page.locator("#choices input").nth(1).check()
    page.fill("#query", "no such words")
    settled(page, "#none", "No document matches")
    page.fill("#query", "needle here")
    settled(page, "#count", "1 document")
    assert set(page.evaluate(FOUND)) == {"needle here"}
    page.fill("#query", "")
    settled(page, "#count", "30 documents")
    assert page.evaluate(FOUND) == []


@pytest.mark.parametrize("width", [400, 360])
def test_headers_fit_on_a_phone(show, make_data, width):
    page = show(make_data(30), width=width, height=844)
    boxes = [link.bounding_box() for link in page.locator(".bar nav a").all()]
    theme = page.locator("#theme").bounding_box()
    assert len(boxes) == 7
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= theme["x"] - 8 for box in boxes)
    assert theme["x"] + theme["width"] <= width
    name, chance = page.locator(".columns span").nth(1), page.locator(".columns span").last
    assert chance.inner_text() == "probability"
    assert chance.bounding_box()["height"] < 24
    gap = "(spans) => { const r = new Range(); r.selectNodeContents(spans[1]); const s = new Range(); s.selectNodeContents(spans[2]); return s.getBoundingClientRect().left - r.getBoundingClientRect().right; }"
    assert page.locator(".columns span").evaluate_all(gap) > 4, name.inner_text()


def test_a_cell_of_the_confusion_matrix_lists_its_documents(show, make_data):
    page = show(make_data(60))
    cell = page.locator("#confusion button.miss").first
    count = cell.inner_text()
    cell.click()
    settled(page, "#count", f"{count} document")
    assert cell.get_attribute("aria-pressed") == "true"
    page.click("#cell")
    settled(page, "#count", "60 documents")


def test_unknown_words_are_dotted_and_explained(show, make_data):
    data = make_data(2)
    page = show(replace(data, documents=(replace(data.documents[0], unknown=(0, 2)), data.documents[1])))
    assert page.locator("#text [data-unknown]").evaluate_all("all => all.map((w) => w.dataset.w)") == [
        "0",
        "2",
    ]
    style = "(word) => getComputedStyle(word).outlineStyle"
    assert page.locator("#text .word").nth(2).evaluate(style) == "dotted"
    assert page.locator("#text .word").nth(1).evaluate(style) == "none"
    words = len(data.documents[0].spans)
    assert f"not in the vocabulary, 2 of {words} words shown" in page.inner_text("#unknown")
    page.locator("#text .word").nth(2).hover()
    assert page.inner_text("#tip").endswith("not in the vocabulary")
    page.keyboard.press("j")
    settled(page, "#document-title", "Document 2")
    assert page.is_hidden("#unknown")


def test_choosing_a_class_recolours_the_words(show, make_data):
    page = show(make_data(3))
    before = page.locator(".word").evaluate_all("words => words.map((w) => w.className)")
    page.locator("#choices input").first.focus()
    page.keyboard.press("ArrowDown")
    after = page.locator(".word").evaluate_all("words => words.map((w) => w.className)")
    assert before != after


def test_the_keyboard_alone_opens_documents(show, make_data):
    page = show(make_data(40))
    page.focus("#rows")
    page.keyboard.press("ArrowDown")
    settled(page, "#document-title", "Document 2")
    page.keyboard.press("End")
    settled(page, "#document-title", "Document 40")
    page.keyboard.press("k")
    settled(page, "#document-title", "Document 39")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "document"
    page.locator(".word").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.w") == "1"
    assert page.is_visible("#tip")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "query"


def test_an_address_opens_its_document(show, make_data):
    page = show(make_data(40))
    page.goto(page.url.partition("#")[0] + "#document-33")
    page.reload()
    settled(page, "#document-title", "Document 33")
    assert page.locator('.row[aria-selected="true"]').count() == 1


def test_thousands_of_classes_are_listed_when_they_are_asked_for(show, make_data):
    page = show(make_data(3, labels=tuple(f"class {i:04}" for i in range(1500)), filters=120))
    assert page.locator("#choices .line").count() <= 9
    assert page.evaluate("bars.found.every(({ width, x }) => width > 0 && x < 1000)")
    page.click("#more-classes")
    assert page.locator("#choices .line").count() == 1500
    page.locator("#choices [type=radio]").nth(700).check(force=True)
    page.click("#more-classes")
    lines = page.locator("#choices .line")
    assert lines.count() <= 10
    assert page.locator("#choices [type=radio]:checked").count() == 1


def test_evil_text_is_text(show, make_data):
    page = show(make_data(2, texts=(EVIL, "x" * 100_000), labels=("<b>a</b>", "</script>b")))
    assert page.inner_text("#text") == EVIL
    assert page.locator("main img").count() == 0
    page.keyboard.press("j")
    settled(page, "#document-title", "Document 2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_the_theme_can_be_switched(show, make_data):
    page = show(make_data(2))
    paper = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(paper)
    page.click("#theme")
    assert page.evaluate(paper) != before


@pytest.mark.parametrize("width", [390, 360])
def test_phones_need_no_sideways_scrolling(show, make_data, width):
    labels = tuple(f"comp.os.ms-windows.misc.{i}" for i in range(20))
    page = show(make_data(30, labels=labels, texts=("w" * 3000,)), width=width, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.body.scrollWidth") <= width


def test_empty_and_unlabelled_pages_work(show, make_data):
    page = show(make_data(0, labelled=False))
    assert page.is_visible("#none")
    page = show(make_data(3, labelled=False, texts=("",)))
    assert page.inner_text("#text") == "(an empty document)"
    assert json.loads(page.text_content("#index"))["truth"] == [None, None, None]


def test_a_page_of_a_deep_model_says_what_it_cannot_show(show, deep_classifier, corpus):
    data = collect(deep_classifier, corpus)
    page = show(data)
    total, logit, left = (number(t) for t in page.locator("#proof b").all_text_contents())
    assert "to no word" in page.inner_text("#proof")
    assert total + left == pytest.approx(logit, abs=2e-3)
    assert page.locator("#filter-table, #ngrams").count() == 0
    assert "Only the filters of a one-layer TextCNN" in page.inner_text("#filters")
    page.check("input[value=ngrams]", force=True)
    assert "--hidden" in page.inner_text("#view-ngrams")
    assert page.locator("#clouds path.dots").count() == 6 * len(data.projection.groups)
    page.keyboard.press("j")
    settled(page, "#document-title", "Document 2")
    page.check("input[value=words]", force=True)
    page.locator("#sides button").first.click()
