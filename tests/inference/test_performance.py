# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers over time: read between their samples, held outside them, compared by value."""

import numpy as np
import pytest

from emotalk_blender.inference.over_time import OverTime
from emotalk_blender.inference.performance import Performance


def test_numbers_are_linear_between_samples_and_held_outside():
    given = OverTime(np.array([0, 1, 3], np.float32), 2.0, -0.5)
    times = np.array([-9, -0.5, -0.25, 0, 0.25, 0.5, 9])
    assert given.at(times)[:, 0].tolist() == [0, 0, 0.5, 1, 2, 3, 3]


def test_several_numbers_stay_side_by_side():
    given = OverTime(np.array([[0, 5], [1, 4]], np.float32), 1.0)
    assert given.at(np.array([0.5])).tolist() == [[0.5, 4.5]]


@pytest.mark.parametrize(
    ("values", "fps"), [(np.zeros(0), 24), (np.zeros((2, 2, 2)), 24), (np.zeros(3), 0), (np.zeros(3), float("nan"))]
)
def test_what_is_no_number_over_time_is_refused(values, fps):
    with pytest.raises(ValueError, match="numbers over time need"):
        OverTime(values.astype(np.float32), fps)


def test_performances_are_equal_where_what_changes_over_time_is():
    one, same, other = (
        Performance(intensity=OverTime(np.array([0, value], np.float32), 24.0)) for value in (1, 1, 0.5)
    )
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != Performance(intensity=1.0)
