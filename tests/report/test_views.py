"""The views of a document in a real browser: classes side by side, methods, n-grams that decide, points."""

from dataclasses import replace

import numpy as np
import pytest

from convlens.explain import ngram_variances
from convlens.report import collect

pytestmark = pytest.mark.browser
LABELS = ("sun", "rain", "wind", "snow", "fog", "hail")


def number(text: str) -> float:
    return float(text.replace("\u2212", "-").replace(",", ""))


def strengths(box) -> list[float]:
    """How strongly the words of a heatmap are coloured, with the signs of their classes."""
    found = box.locator(".word").evaluate_all(
        "words => words.map((w) => [w.className, w.style.getPropertyValue('--a')])"
    )
    return [float(a) * (-1 if "con" in name else 1) for name, a in found]


def test_classes_side_by_side_are_on_one_scale_with_their_sums(show, make_data):
    data = make_data(3, labels=LABELS)
    page = show(data)
    order = np.argsort(-data.documents[0].logits)
    for c in order[1:4]:
        page.check(f"#choices [type=checkbox][value='{c}']")
    assert (
        page.locator("#choices [type=checkbox]:disabled").count() == 1 + 2
    )  # the first of four, and both left over
    shown = page.locator("#heats .heat")
    assert shown.locator("figcaption").all_text_contents() == [LABELS[c] for c in order[:4]]
    first = data.documents[0].token_scores[0]
    largest = abs(first.scores[:, order[:4]]).max()
    for k, c in enumerate(order[:4]):
        wanted = first.scores[:, c] / largest
        np.testing.assert_allclose(
            strengths(shown.nth(k)), np.where(abs(wanted) > 0.02, wanted, abs(wanted)), atol=6e-4
        )
        total, bias, logit, _ = (number(t) for t in shown.nth(k).locator(".proof b").all_text_contents())
        assert (total, bias, logit) == pytest.approx(
            (first.total[c], 0, data.documents[0].logits[c]), rel=1e-3, abs=1e-3
        )
        assert shown.nth(k).locator(".text").inner_text() == data.documents[0].text
    page.keyboard.press("j")
    page.locator("#document-title", has_text="Document 2").wait_for()
    assert page.locator("#heats .heat").count() == 4


def test_compared_classes_stay_when_the_prediction_changes(show, make_data):
    data = make_data(20)
    page = show(data)
    page.locator("#choices [type=checkbox]:enabled").check()
    first = int(data.documents[0].logits.argmax())
    other = next(i for i, d in enumerate(data.documents) if int(d.logits.argmax()) != first)
    page.locator(".row").nth(other).click()
    page.locator("#document-title", has_text=f"Document {other + 1}").wait_for()
    assert (
        page.locator("#heats figcaption").all_text_contents()
        == ["negative", "positive"][:: 1 if first else -1]
    )
    page.locator("#choices [type=checkbox]:enabled").uncheck()
    assert page.locator("#heats .heat").count() == 1


@pytest.mark.parametrize("m", [1, 2])
def test_a_method_is_switched_and_says_what_it_sums_to(show, make_data, m):
    data = make_data(3)
    page = show(data)
    document, target = data.documents[0], int(data.documents[0].logits.argmax())
    page.check(f"input[name=method][value='{m}']", force=True)
    heat = document.token_scores[m]
    wanted = heat.scores[:, target] / abs(heat.scores[:, target]).max()
    np.testing.assert_allclose(np.abs(strengths(page.locator("#heats"))), abs(wanted), atol=5e-3)
    total, *rest = (number(t) for t in page.locator("#proof b").all_text_contents())
    assert total == pytest.approx(heat.total[target], rel=1e-3)
    assert rest[0] == pytest.approx(document.logits[target], rel=1e-3)
    if m == 1:
        assert rest[1] == pytest.approx(heat.bias[target], rel=1e-3)
        assert "to no word" in page.inner_text("#proof")
    else:
        assert "no part of the logit" in page.inner_text("#proof")
        assert page.locator("#heats .word.con, #heats .word.pro").count() == 0
    assert data.methods[m].about in page.inner_text("#about")


def test_a_class_that_a_method_was_not_kept_for_says_so(show, make_data):
    data = make_data(3, labels=LABELS)
    page = show(data)
    page.check("input[name=method][value='1']", force=True)
    left = min(set(range(6)) - set(data.documents[0].few))
    page.check(f"#choices [type=radio][value='{left}']")
    assert "for the most probable classes" in page.inner_text("#proof")
    assert page.locator("#heats .word.pro, #heats .word.con").count() == 0


def test_ngrams_that_decide_are_those_of_equation_12(show, classifier, corpus):
    data = collect(classifier, corpus, documents=5)
    page = show(data)
    page.check("input[value=ngrams]", force=True)
    document, widths = data.documents[0], data.head.regions
    variances = ngram_variances(document.pooled[None], data.head.weights, data.head.biases)[0]
    for k, cut in enumerate(data.cuts):
        page.select_option("#epsilon", str(k))
        found = page.locator("#marks li[data-from]").evaluate_all(
            "lines => lines.map((l) => [Number(l.dataset.from), Number(l.dataset.to), "
            "[...l.querySelectorAll('a')].map((a) => Number(a.textContent))])"
        )
        shown = {f: (a, b) for a, b, filters in found for f in filters}
        near = abs(variances - cut.epsilon) < 1e-3 * variances.max()  # rounded in the page
        wanted = {int(f) for f in np.flatnonzero((variances > cut.epsilon) & ~near)}
        assert wanted <= set(shown) <= wanted | set(np.flatnonzero(near))
        for f, (start, end) in shown.items():
            assert (start, end) == (
                document.positions[f],
                min(document.positions[f] + widths[f], document.words),
            )
        lined = page.locator("#marked .word").evaluate_all(
            "words => words.map((w) => w.style.background !== '')"
        )
        covered = {w for start, end in shown.values() for w in range(start, end)}
        assert {w for w, is_lined in enumerate(lined) if is_lined} <= covered
        assert any(lined) == bool(shown)
    assert page.inner_text("#marked") == document.text


def test_points_tell_and_open_their_documents(show, make_data):
    data = make_data(30)
    page = show(data)
    panel = page.locator("#clouds svg").first
    panel.focus()
    page.keyboard.press("Home")
    leftmost = int(data.projection.points[0][:, 0].argmin())
    assert data.documents[leftmost].text[:40] in page.inner_text("#tip")
    page.keyboard.press("ArrowRight")
    second = int(np.argsort(data.projection.points[0][:, 0])[1])
    page.keyboard.press("Enter")
    page.locator("#document-title", has_text=f"Document {second + 1}").wait_for()
    third = int(np.argsort(data.projection.points[0][:, 0])[15])
    panel.scroll_into_view_if_needed()
    box = panel.bounding_box()
    x, y = data.projection.points[0][third] * [1, -1] * 120 / 260 + 0.5
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    assert data.documents[third].text[:40] in page.inner_text("#tip")
    groups = page.locator("#groups button")
    groups.first.click()
    assert page.locator("#clouds svg").first.locator("path.dim").count() == len(data.projection.groups) - 1


@pytest.mark.parametrize("width", [390, 1400])
def test_every_view_fits_the_window(show, make_data, evaluation, width):
    labels = tuple(f"comp.os.ms-windows.misc.{i}" for i in range(20))
    data = replace(
        make_data(30, labels=labels, texts=("w" * 3000, "a film of it " * 30)), evaluation=evaluation
    )
    page = show(data, width=width, height=844)
    for box in range(3):
        page.locator("#choices [type=checkbox]:enabled:not(:checked)").nth(box).check()
    for view in ("ngrams", "words"):
        page.check(f"input[value={view}]", force=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
