# SPDX-License-Identifier: GPL-3.0-or-later
"""Blinks fall where people blink."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.animation.blink_moments import NEAR, blink_moments, drawn_to
from emotalk_blender.animation.blinks import APART, LENGTH, add_blinks, blink_times
from emotalk_blender.animation.finish import AnimationSettings, finish
from emotalk_blender.animation.gaze import shifts
from emotalk_blender.curves import CHANNEL, Curves

from ..curve_builders import still

LID = CHANNEL["eyeBlinkLeft"]
PHRASE, PAUSE = 2.5, 0.6


def talking(seconds: int) -> Curves:
    """Phrases of 2.5 s, a syllable every 0.2 s, with P's in between, and pauses of 0.6 s."""
    curves = still(seconds * 30)
    times = curves.times()
    jaw = 0.2 + 0.1 * np.sin(10 * np.pi * times)
    jaw[(times % 0.9) < 0.08] = 0
    jaw[times % (PHRASE + PAUSE) > PHRASE] = 0
    curves.values[:, CHANNEL["jawOpen"]] = jaw
    return curves


def begins(curves: Curves) -> np.ndarray:
    lids = curves.values[:, LID]
    return np.flatnonzero((lids[1:] > 0) & (lids[:-1] == 0)) / 30


def test_moments_are_ends_of_phrases_and_not_each_p() -> None:
    moments = blink_moments(talking(31))
    expected = PHRASE + (PHRASE + PAUSE) * np.arange(len(moments))
    assert len(moments) == 10
    assert np.abs(moments - expected).max() < 0.1


def test_a_long_pause_has_another_before_the_next_words() -> None:
    curves = talking(6)
    curves.values[30:90, CHANNEL["jawOpen"]] = 0
    moments = blink_moments(curves)
    assert ((moments > 0.85) & (moments < 1.1)).any()
    assert ((moments > 2.4) & (moments < 2.9)).any()


def test_most_blinks_of_a_speaker_come_at_the_ends_of_phrases() -> None:
    shares = []
    for seed in range(6):
        found = begins(add_blinks(talking(120), 15, seed))
        late = found % (PHRASE + PAUSE) - PHRASE
        shares.append(np.mean(np.abs(late) < 0.15))
    assert np.mean(shares) > 0.5


def test_they_come_as_often_as_before() -> None:
    spoken, plain = (
        np.mean([len(begins(add_blinks(curves, 15, seed))) for seed in range(10)])
        for curves in (talking(120), still(3600))
    )
    assert abs(spoken - plain) < 0.05 * plain


def test_blinks_come_with_shifts_of_the_gaze() -> None:
    settings = AnimationSettings(gaze=1.0, blink_rate=15, seed=2)
    found = begins(finish(still(3600), settings))
    looks = np.array(shifts(120.0, 2))
    assert len(looks) > 10
    nearest = np.abs(found[:, None] - looks[None]).min(axis=1)
    by_chance = 0.2 * len(looks) / 120
    assert np.mean(nearest < 0.1) > 3 * by_chance


@given(
    st.lists(st.floats(0, 60), max_size=30),
    st.floats(1, 40),
    st.integers(0, 999),
)
def test_no_two_come_together_and_none_goes_far(moments: list[float], rate: float, seed: int) -> None:
    apart = APART + LENGTH
    times = blink_times(60, rate, seed)
    drawn = drawn_to(np.array(sorted(moments)), times, apart)
    assert len(drawn) == len(times)
    assert np.abs(drawn - times).max(initial=0) <= NEAR
    assert np.diff(drawn).min(initial=9) >= min(apart, np.diff(times).min(initial=9)) - 1e-9
