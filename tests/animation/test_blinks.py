# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated blinks, none of them on top of one that is there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.animation.blinks import LENGTH, add_blinks, blink_times
from emotalk_blender.curves import CHANNEL, Curves

from ..curve_builders import noisy, still

BLINKS = [CHANNEL["eyeBlinkLeft"], CHANNEL["eyeBlinkRight"]]
RATES = st.floats(1, 60)


@given(st.floats(0, 600), RATES, st.integers(0, 1000))
def test_blinks_fit_the_clip_and_leave_time_between_them(duration: float, rate: float, seed: int) -> None:
    times = blink_times(duration, rate, seed)
    assert (np.diff(times) >= LENGTH).all()
    if len(times):
        assert times[0] > 0
        assert times[-1] + LENGTH <= duration


@pytest.mark.parametrize("rate", [4, 15, 30, 60])
def test_they_come_as_often_as_asked(rate: int) -> None:
    counts = [len(blink_times(600, rate, seed)) / 10 for seed in range(30)]
    assert np.mean(counts) == pytest.approx(rate, rel=0.1)


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_a_blink_closes_both_eyes_and_opens_them_again(fps: int) -> None:
    curves = add_blinks(Curves(still(20 * fps).values, fps), 15, seed=3)
    eyes = curves.values[:, BLINKS]
    assert np.array_equal(eyes[:, 0], eyes[:, 1])
    assert eyes.max() > 0.95
    assert (eyes[[0, -1]] == 0).all()
    assert np.mean(eyes > 0) < 0.2


def test_the_same_seed_gives_the_same_blinks_and_another_seed_others() -> None:
    first, again, other = (add_blinks(still(900), 15, seed).values for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_other_channel_is_touched_but_eyes_held_wide_let_go() -> None:
    curves = noisy(300)
    lids = [index for name, index in CHANNEL.items() if name.startswith(("eyeBlink", "eyeWide"))]
    others = np.setdiff1d(np.arange(52), lids)
    assert np.array_equal(add_blinks(curves, 15, 0).values[:, others], curves.values[:, others])
    wide = add_blinks(still(300, eyeWide=0.4), 15, 0).values
    wideness, closed = wide[:, CHANNEL["eyeWideLeft"]], wide[:, BLINKS[0]]
    assert (wideness[closed > 0.99] < 0.01).all()
    assert (wideness[closed == 0] == np.float32(0.4)).all()


@given(st.integers(0, 99), st.lists(st.integers(0, 560), max_size=8))
def test_a_blink_that_is_there_stays_and_none_is_added_on_top_of_it(seed: int, begins: list[int]) -> None:
    curves = still(600)
    for begin in begins:
        curves.values[begin : begin + 8, BLINKS] = np.array([0.2, 0.7, 1, 1, 0.8, 0.6, 0.4, 0.2])[:, None]
    blinked = add_blinks(curves, 60, seed).values[:, BLINKS]
    for begin in begins:
        around = slice(max(begin - 3, 0), begin + 11)
        assert np.array_equal(blinked[around], curves.values[around][:, BLINKS])


def test_lids_that_only_hang_are_let_go_of() -> None:
    hanging = still(300, eyeBlink=0.3)
    assert np.array_equal(add_blinks(hanging, 15, 0).values, add_blinks(still(300), 15, 0).values)


def test_eyes_stay_open_where_the_artist_has_blinks_of_their_own() -> None:
    curves = Curves(still(1800).values, 30, start=0.25)
    spans = [(10.0, 20.0), (40.0, 41.0)]
    times = curves.times()
    blinked = add_blinks(curves, 60, 0, spans).values[:, BLINKS[0]]
    for start, end in spans:
        assert (blinked[(times >= start) & (times <= end)] == 0).all()
    assert blinked.max() > 0.9


def test_a_rate_of_0_adds_none() -> None:
    assert (add_blinks(still(1800), 0, 0).values[:, BLINKS] == 0).all()
