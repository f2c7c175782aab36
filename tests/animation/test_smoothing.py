# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoothing calms noise and keeps peaks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.animation.smoothing import smooth
from emotalk_blender.curves import CHANNEL, Curves

from ..curve_builders import noisy, still

WIDTHS = st.floats(1, 500)
BROW = CHANNEL["browInnerUp"]


@given(st.integers(1, 60), st.lists(st.floats(-1, 1), min_size=3, max_size=3), WIDTHS)
def test_every_parabola_is_left_alone(frames: int, coefficients: list[float], width: float) -> None:
    curve = np.polyval(coefficients, np.linspace(-1, 1, frames))
    values = still(frames).values
    values[:, BROW] = curve
    np.testing.assert_allclose(smooth(Curves(values, 30), width).values[:, BROW], curve, atol=2e-3)


def test_80_milliseconds_smooth_as_much_as_the_authors_of_emotalk_do() -> None:
    """They leave 17/35 of the power of noise: Savitzky and Golay 1964, table I, (-3, 12, 17, 12, -3) / 35."""
    values = still(41).values
    values[20, BROW] = 1
    response = smooth(Curves(values, 30), 80).values[:, BROW]
    assert (response**2).sum() == pytest.approx(17 / 35, abs=0.05)
    assert response.sum() == pytest.approx(1, abs=1e-4)


@given(st.integers(12, 90), WIDTHS)
def test_noise_is_calmed_more_the_wider_it_is(frames: int, width: float) -> None:
    values = still(frames).values
    values[:, BROW] = noisy(frames).values[:, BROW]
    before, after, more = (
        np.abs(np.diff(smooth(Curves(values, 30), ms).values[:, BROW])).mean() for ms in (0, width, width + 100)
    )
    assert after <= before + 1e-6
    assert more < before


@pytest.mark.parametrize("width", [20.0, 60.0, 150.0, 400.0])
def test_a_little_more_smoothing_changes_a_little(width: float) -> None:
    one, other = (smooth(noisy(120), ms).values for ms in (width, width * 1.01))
    assert np.abs(one - other).max() < 0.05


def test_0_leaves_everything_as_it_is() -> None:
    curves = noisy(50)
    assert smooth(curves, 0) is curves


def test_two_rates_are_smoothed_alike() -> None:
    fast = Curves(np.repeat(noisy(100, low=0, high=1).values, 4, axis=0), 120)
    slow = Curves(fast.values[::4], 30)
    one, other = smooth(fast, 200).values[::4, BROW], smooth(slow, 200).values[:, BROW]
    assert np.corrcoef(one, other)[0, 1] > 0.97
