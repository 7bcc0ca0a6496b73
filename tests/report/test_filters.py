"""The filters in a real browser: the table, the chart, and a card with the numbers that Python found."""

import re
from dataclasses import replace

import numpy as np
import pytest

from convlens.data import Corpus
from convlens.report import collect

pytestmark = pytest.mark.browser
ROWS = "#filter-table tbody tr:visible"


def number(text: str) -> float:
    return float(text.replace("\u2212", "-").replace(",", "").replace("+", ""))


def rows(page) -> list[int]:
    return [int(f) for f in page.locator(ROWS).evaluate_all("rows => rows.map((r) => r.dataset.f)")]


def go_to_card(page, f: int) -> None:
    page.goto(page.url.partition("#")[0] + f"#filter-{f}")
    opened(page, f)


def opened(page, f: int) -> None:
    page.locator("#card-title", has_text=re.compile(f"^Filter {f}$")).wait_for()


def strip_rows(page, selector: str) -> list[tuple[list[str], list[float], float]]:
    """Of every n-gram in a table of strips: words, what each slot gets, score."""
    found = page.locator(f"{selector} tbody tr:has(.what)").evaluate_all(
        "rows => rows.map((r) => [[...r.querySelectorAll('.what')].map((w) => w.textContent), "
        "[...r.querySelectorAll('.slot small')].map((s) => s.textContent), r.querySelector('.score b').textContent])"
    )
    return [(words, [number(slot) for slot in slots], number(score)) for words, slots, score in found]


def same_strips(shown, ngrams) -> None:
    assert [words for words, _, _ in shown] == [list(ngram.words) for ngram in ngrams]
    for (_, slots, score), ngram in zip(shown, ngrams, strict=True):
        np.testing.assert_allclose(slots, ngram.slots, atol=0.006)
        assert score == pytest.approx(ngram.score, abs=0.02)


def test_filters_sort_and_sift(show, make_data):
    data = make_data(3)
    cards, page = data.filters, show(data)
    assert rows(page) == [card.filter for card in sorted(cards, key=lambda card: -card.margin)]
    page.get_by_role("button", name="Coverage").click()
    pure = [card for card in cards if card.threshold is not None]
    by_coverage = [card.filter for card in sorted(pure, key=lambda card: -card.coverage)]
    assert rows(page)[: len(pure)] == by_coverage
    page.get_by_role("button", name="Coverage").click()
    assert rows(page)[: len(pure)] == by_coverage[::-1]  # those that never get pure stay below
    page.select_option("#sift [name=region]", "4")
    assert set(rows(page)) == {card.filter for card in cards if card.region == 4}
    page.select_option("#sift [name=label]", "1")
    wanted = {card.filter for card in cards if card.region == 4 and card.label == "positive"}
    assert set(rows(page)) == wanted
    assert page.inner_text("#sifted") == f"{len(wanted)} of 30 filters"
    page.select_option("#sift [name=pure]", "no")
    assert set(rows(page)) == {f for f in wanted if cards[f].threshold is None}
    page.fill("#sift [name=words]", "no such words")
    page.click("#all-filters")
    assert len(rows(page)) == 30
    page.fill("#sift [name=words]", cards[7].detects[0].upper())
    assert 7 in rows(page)


def test_a_card_shows_what_python_found(show, classifier, corpus):
    data = collect(classifier, corpus, documents=20)
    card = max(data.filters, key=lambda card: (len(card.negatives), len(card.clusters)))
    page = show(data)
    page.locator(f'tr[data-f="{card.filter}"] a').click()
    opened(page, card.filter)
    verdict = page.inner_text("#card-verdict")
    assert f"Reads {card.region} words and speaks for {card.label}" in verdict
    assert f"{card.threshold:.3f} on" in verdict
    same_strips(strip_rows(page, "#card-natural"), card.top_natural)
    same_strips(strip_rows(page, "#card-possible"), card.top_possible)
    assert number(page.locator("#card-gap b").last.inner_text().rstrip("%")) == pytest.approx(
        100 * card.gap, abs=0.06
    )
    words = page.locator("#card-slots tbody tr").first.locator(".what").all_text_contents()
    assert words == [slot[0].word for slot in card.slots]
    missed = {negatives.of: negatives for negatives in card.negatives}
    ngrams = [
        ngram
        for cluster in card.clusters
        for example in cluster.examples
        for ngram in (example, *(one.ngram for one in getattr(missed.get(example), "lowest", ())))
    ]
    same_strips(strip_rows(page, "#card-clusters"), ngrams)
    assert page.locator(".tag", has_text="case 2").count() == sum(
        one.case_2 for negatives in card.negatives for one in negatives.lowest
    )


def test_the_words_that_differ_are_outlined_and_colours_follow_the_sign(show, make_data):
    data = make_data(3)
    page = show(data)
    go_to_card(page, 1)
    card = data.filters[1]
    outlined = page.locator(".culprit .what").all_text_contents()
    assert outlined == ["dreadful"] * sum(len(negatives.lowest) for negatives in card.negatives)
    assert page.locator(".negative .tag").count() == len(card.negatives)  # one of two each
    cells = page.locator("#card-natural .slot").evaluate_all(
        "cells => cells.map((c) => [c.className, c.style.getPropertyValue('--a'), c.querySelector('small').textContent])"
    )
    largest = max(float(a) for _, a, _ in cells)
    assert largest <= 1
    for name, _, value in cells:
        sign = "pro" if number(value) > 0 else "con"
        assert name in (f"slot {sign}", "slot none")


def test_points_lie_by_value_on_their_side_of_the_threshold(show, make_data):
    data = make_data(40)
    page = show(data)
    go_to_card(page, 0)
    card = data.filters[0]
    c = data.labels.index(card.label)
    x = re.compile(r"M([\d.]+) [\d.]+m")
    line = float(re.match(r"M([\d.]+)", page.locator("#card-values .threshold").get_attribute("d"))[1])
    for kind, agrees in (("yes", True), ("no", False)):
        shown = [float(v) for v in x.findall(page.locator(f"#card-values .dots.{kind}").get_attribute("d"))]
        mine = [
            v
            for v, p in zip(data.points.values[:, 0], data.points.predicted, strict=True)
            if (p == c) == agrees
        ]
        assert len(shown) == len(mine)
        clear = [v for v in mine if abs(v - card.threshold) > 0.02]
        assert abs(sum(v > card.threshold for v in clear) - sum(at > line for at in shown)) <= len(
            mine
        ) - len(clear)
        np.testing.assert_allclose(np.corrcoef(sorted(mine), sorted(shown))[0, 1], 1, atol=1e-3)
    page.focus("#card-values")
    page.keyboard.press("End")
    best = int(data.points.values[:, 0].argmax())
    assert f"document {best + 1}" in page.inner_text("#tip")
    page.keyboard.press("Enter")
    page.locator("#document-title", has_text=f"Document {best + 1}").wait_for()


def test_a_bar_of_the_chart_opens_its_card(show, make_data):
    data = make_data(3)
    page = show(data)
    page.focus("#coverage")
    page.keyboard.press("Home")
    first = [card for card in data.filters if card.label == "negative"]
    best = max(first, key=lambda card: card.coverage)
    assert f"Filter {best.filter}, for negative: {100 * best.coverage:.1f}%" in page.inner_text("#tip")
    page.keyboard.press("Enter")
    opened(page, best.filter)
    page.emulate_media(reduced_motion="reduce")
    page.locator("#coverage").scroll_into_view_if_needed()
    box = page.locator("#coverage").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    last = [card for card in data.filters if card.label == "positive"]
    opened(page, min(last, key=lambda card: (card.coverage, -card.filter)).filter)
    full, dim = page.locator("#coverage path:not(.dim)"), page.locator("#coverage path.dim")
    page.select_option("#sift [name=label]", "0")
    bars = [
        sum(path.count("M") for path in some.evaluate_all("p => p.map((x) => x.getAttribute('d'))"))
        for some in (full, dim)
    ]
    assert bars == [len(first), len(last)]


def test_a_filter_that_is_never_pure_says_so(show, make_data):
    page = show(make_data(3))
    page.locator('tr[data-f="4"] td').nth(1).click()
    opened(page, 4)
    assert "never 75%" in page.inner_text('tr[data-f="4"]')
    assert page.is_visible("#card-never")
    assert page.locator("#card-values .threshold").count() == 0
    assert page.is_hidden("#card-patterns")


def test_the_keyboard_walks_through_the_filters(show, make_data):
    data = make_data(3)
    page = show(data)
    order = rows(page)
    page.focus("#filter-table tbody a[tabindex='0']")
    page.keyboard.press("ArrowDown")
    opened(page, order[1])
    assert page.evaluate("document.activeElement.textContent") == str(order[1])
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "card"
    page.keyboard.press("j")
    opened(page, order[2])
    assert page.inner_text("#document-title") == "Document 1"
    page.click("#card-back")
    assert page.evaluate("document.activeElement.textContent") == str(order[2])
    page.keyboard.press("End")
    opened(page, order[-1])


def test_an_ngram_of_a_document_leads_to_its_filter(show, make_data):
    page = show(make_data(3))
    page.check("input[value=ngrams]", force=True)
    link = page.locator("#ngrams a").nth(1)
    f = int(link.inner_text())
    link.click()
    opened(page, f)
    assert page.url.endswith(f"#filter-{f}")
    page.reload()
    opened(page, f)


@pytest.mark.parametrize("width", [390, 1400])
def test_cards_fit_the_window(show, make_data, width):
    labels = tuple(f"comp.os.ms-windows.misc.{i}" for i in range(20))
    data = make_data(3, labels=labels)
    long = [replace(one, words=("w" * 50,) * len(one.words)) for one in data.filters[2].top_natural]
    cards = [replace(card, top_natural=tuple(long)) if card.filter == 2 else card for card in data.filters]
    page = show(replace(data, filters=replace(data.filters, cards=tuple(cards))), width=width, height=844)
    page.locator('tr[data-f="2"] a').click()
    opened(page, 2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#card-values").bounding_box()["width"] <= width


def test_evil_words_are_text(show, make_data):
    evil = "<img src=x onerror=alert(1)>"
    data = make_data(3)
    card = data.filters[0]
    bad = replace(card.top_natural[0], words=(evil,) * card.region, text=evil)
    cards = (replace(card, top_natural=(bad,), clusters=(), negatives=()), *data.filters.cards[1:])
    page = show(replace(data, filters=replace(data.filters, cards=cards)))
    page.locator('tr[data-f="0"] a').click()
    opened(page, 0)
    assert page.locator("#card-natural .what").first.inner_text() == evil
    assert page.locator("main img").count() == 0


def test_data_without_words_have_no_cards(show, classifier):
    page = show(collect(classifier, Corpus(("", ""))))
    assert "No document has words" in page.inner_text("#filters")
    assert page.locator("#card, #filter-table").count() == 0
