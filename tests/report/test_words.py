"""The table of important words and the map in a real browser."""

import re

import numpy as np
import pytest

pytestmark = pytest.mark.browser


def words(page) -> list[str]:
    return page.locator("#important tbody th").all_text_contents()


def test_important_words_sort_by_every_column_and_find_documents(show, make_data):
    data = make_data(12)
    page, every = show(data), data.importance.words
    seen = [w.word for w in sorted(every, key=lambda w: w.places[2]) if w.occurrences]
    assert words(page)[: len(seen)] == seen  # by evidence first, and those without any below
    page.locator("#important thead button", has_text="Evidence").click()
    assert words(page)[: len(seen)] == seen[::-1]
    for m, name in enumerate(("Printed", "Slots")):
        page.locator("#important thead button", has_text=name).focus()
        page.keyboard.press("Enter")
        assert words(page) == [w.word for w in sorted(every, key=lambda w: w.places[m])]
        assert page.locator("#important [aria-sort=descending]").inner_text().startswith(name)
    page.locator("#important thead button", has_text="Occurrences").click()
    uses = [int(n) for n in page.locator("#important td:last-child").all_text_contents()]
    assert uses == sorted((w.occurrences for w in every), reverse=True)
    page.locator("#important thead button", has_text="Speaks for").click()
    labels = page.locator("#important td:nth-child(5) bdi").all_text_contents()
    assert labels == sorted(labels)
    assert len(labels) == len(seen)
    page.locator("#important tbody [tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    second = words(page)[1]
    assert page.evaluate("document.activeElement.dataset.word") == second
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'query'")
    assert page.input_value("#query") == second


def test_a_row_tells_what_python_found(show, make_data):
    data = make_data(3)
    page = show(data)
    rows = page.locator("#important tbody tr").evaluate_all(
        "rows => rows.map((r) => [r.querySelectorAll('b').length, ...[...r.cells].map((c) => c.textContent)])"
    )
    found = {word: (bold, cells, speaks, uses) for bold, word, *cells, speaks, uses in rows}
    for word in data.importance.words:
        bold, cells, speaks, uses = found[word.word]
        for value, place, cell in zip(word.values, word.places, cells, strict=True):
            number, _, at = cell.partition(" #")
            assert (
                (float(number) == pytest.approx(value, rel=1e-3) and int(at) == place)
                if place
                else cell == "–"
            )
        assert int(uses) == word.occurrences
        assert speaks.split(" ")[0] == (data.labels[word.label] if word.occurrences else "–")
        assert bold == sum(0 < place <= data.importance.top for place in word.places)


def test_the_map_names_its_marks_and_leads_on(show, make_data):
    data = make_data(12)
    page, plane = show(data), data.plane
    names = [*plane.words, *plane.important]
    names += [f"Filter {f}, slot {j + 1}" for f, j in zip(plane.filters, plane.slots, strict=True)]
    svg = page.locator("#marks-map")
    assert svg.locator("path.dots").count() == 3
    assert set(svg.locator("text").all_text_contents()) <= set(plane.important)
    svg.focus()
    page.keyboard.press("Home")
    order = np.argsort(plane.points[:, 0])
    for at in order[:5]:
        assert names[at] in page.inner_text("#tip")
        assert names[at] in page.inner_text("#live")
        page.keyboard.press("ArrowRight")
    for kind in ("important words", "other words"):
        page.locator("#kinds button", has_text=re.compile(kind)).click()
    svg.focus()
    page.keyboard.press("Home")
    first = next(at for at in order if at >= len(plane.words) + len(plane.important))
    assert names[first] in page.inner_text("#tip")
    page.keyboard.press("Enter")
    page.locator("#card-title", has_text=f"Filter {plane.filters[first - 15]}").wait_for()
    page.locator("#kinds button", has_text="other words").click()
    assert page.locator("#kinds [aria-pressed=true]").count() == 2


def test_a_word_under_the_pointer_is_named(show, make_data):
    data = make_data(3)
    page, points = show(data), data.plane.points
    svg = page.locator("#marks-map")
    svg.scroll_into_view_if_needed()
    box, high = svg.bounding_box(), points.argmax(0)[1]
    low, top = points.min(0), points.max(0)
    width, height = box["width"] - 30, box["height"] - 30  # without borders and rims
    scale = min(width / (top - low)[0], height / (top - low)[1])
    x, y = (points[high] - (low + top) / 2) * scale
    page.mouse.move(box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 - y)
    names = [*data.plane.words, *data.plane.important]
    told = names[high] if high < 15 else f"Filter {data.plane.filters[high - 15]}, slot"
    assert told in page.inner_text("#tip")
