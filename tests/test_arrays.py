"""Places of the least, of the greatest and of some evenly are those of a sorted list."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convlens.arrays import evenly, greatest, least

numbers = st.lists(st.sampled_from([-np.inf, -1.5, -0.0, 0.0, 0.25, 2.0, np.inf]), max_size=12)


@given(values=numbers, k=st.integers(0, 14))
def test_least_and_greatest_come_in_order_and_equals_in_theirs(values, k):
    rising = sorted(range(len(values)), key=lambda i: (values[i], i))
    falling = sorted(range(len(values)), key=lambda i: (-values[i], i))
    assert least(np.array(values), k).tolist() == rising[:k]
    assert greatest(np.array(values), k).tolist() == falling[:k]


def test_evenly_takes_places_at_equal_distances():
    assert evenly(3, 10) == [0, 1, 2]
    assert evenly(10, 5) == [0, 2, 4, 6, 8]
    assert evenly(7, 3) == [0, 2, 4]
    assert evenly(0, 3) == evenly(3, 0) == []


@pytest.mark.parametrize("places", [least, greatest])
def test_places_are_whole_numbers_also_of_nothing(places):
    assert places(np.zeros(0), 3).dtype == places(np.zeros(4, np.float32), 3).dtype == np.int64
