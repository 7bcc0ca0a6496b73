"""Label names and their order; labels that are no classes."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from convlens.data.labels import FEW, MANY, encode, label_name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (" good ", "good"),
        (3, "3"),
        (-1, "-1"),
        (2.0, "2.0"),
        (True, "True"),
        (np.int64(4), "4"),
        (np.float32(0.5), "0.5"),
        (Decimal("1.00"), "1.00"),
        (None, None),
        (" \t", None),
        (float("nan"), None),
    ],
)
def test_names_of_labels(value, name):
    assert label_name(value, None) == name


@pytest.mark.parametrize(
    ("value", "name"),
    [(0, "bad"), (np.int8(1), "good"), (True, "good"), (-1, None), (" bad ", "bad"), (None, None)],
)
def test_names_of_indices(value, name):
    assert label_name(value, ("bad", "good")) == name


@pytest.mark.parametrize(
    ("value", "classes", "reason"),
    [
        (["a"], None, "label is a list, not a string or a number (--label-separator reads several labels)"),
        (date(2020, 1, 1), None, "label is a date, not a string or a number"),
        (b"good", None, "label is a bytes, not a string or a number"),
        (1j, None, "label is a complex, not a string or a number"),
        (2, ("bad", "good"), "label 2 is not an index into the 2 label names"),
        (-2, ("bad", "good"), "label -2 is not an index into the 2 label names"),
        (0.0, ("bad", "good"), "label 0.0 is not an index into the 2 label names"),
        (Decimal(1), ("bad", "good"), "label 1 is not an index into the 2 label names"),
        ("Good", ("bad", "good"), "label 'Good' is not one of the 2 label names"),
        ("x" * 99, ("bad", "good"), f"label {'x' * 40!r} is not one of the 2 label names"),
    ],
)
def test_what_cannot_be_a_label(value, classes, reason):
    with pytest.raises(TypeError) as caught:
        label_name(value, classes)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("names", "numbers", "classes"),
    [
        (["b", "a", "B"], (2, 1, 0), ("B", "a", "b")),
        (["10", "9", "9.0"], (1, 0, 0), ("9", "10")),
        (["-1", "+1", "0.00"], (0, 2, 1), ("-1", "0", "+1")),
        (["1.5", "1e1", ".5", "1.0"], (2, 3, 0, 1), (".5", "1.0", "1.5", "1e1")),
        (["1", "10", "2", "x"], (0, 1, 2, 3), ("1", "10", "2", "x")),
        (["1", "01", "1.0"], (1, 0, 1), ("01", "1")),
        (["٣", "10", "9"], (2, 0, 1), ("10", "9", "٣")),
    ],
)
def test_order_is_numeric_where_all_are_numbers(names, numbers, classes):
    assert encode(names, "a.csv", None) == (numbers, classes)


def test_given_names_keep_their_order():
    assert encode(["good", "good"], "a.csv", ("ok", "good", "bad")) == ((1, 1), ("ok", "good", "bad"))


X = [f"{'x' * 8} … {'x' * (8 - len(str(i)))}{i}" for i in range(3)]
END = "not classes: name another column with --label, make few classes of them, or allow them with --max-classes"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([str(i / 7) for i in range(1, 31)], f"30 different labels in 30 rows ('{1 / 7}', '{2 / 7}', '{3 / 7}', ...) look like a score, {END}"),
        ([str(i) for i in range(30)], f"30 different labels in 30 rows ('0', '1', '2', ...) look like an identifier or free text, {END}"),
        (["x" * 50 + str(i) for i in range(21)] * 1, f"21 different labels in 21 rows ('{X[0]}', '{X[1]}', '{X[2]}', ...) look like an identifier or free text, {END}"),
        ([str(i) for i in range(MANY + 1)] * 3, f"1,001 different labels in 3,003 rows ('0', '1', '2', ...) look like an identifier or free text, {END}"),
    ],
)  # fmt: skip
def test_scores_and_identifiers_are_no_classes(names, said, refusal):
    assert refusal(encode, names, "a.csv", None) == f"a.csv: {said}"


def test_few_or_often_repeated_labels_are_classes():
    assert len(encode([str(i) for i in range(FEW)], "a.csv", None)[1]) == FEW
    assert len(encode([str(i) for i in range(MANY)] * 2, "a.csv", None)[1]) == MANY
