# SPDX-License-Identifier: GPL-3.0-or-later
"""Stress, phrases and loudness move the face with the speech."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.training.rules.loudness import frame_count
from emotalk_blender.training.rules.prosody import APART, Prosody, heard_prosody, no_prosody, prosody

RATE = 120


def syllables(moments: list[float], sizes: list[float], seconds: float) -> np.ndarray:
    """Loudness at 120 Hz: a syllable at each moment, 0.2 s long."""
    times = np.arange(int(seconds * RATE)) / RATE
    level = np.zeros(len(times))
    for moment, size in zip(moments, sizes, strict=True):
        level = np.maximum(level, size * np.clip(1.2 - np.abs(times - moment) / 0.1, 0, 1))
    return level


def told(level: np.ndarray) -> Prosody:
    return prosody(level, level > 0.03)


@given(st.lists(st.floats(0, 2), min_size=1, max_size=60))
@settings(max_examples=40)
def test_every_part_is_a_share_and_moves_smoothly(levels: list[float]) -> None:
    voice = told(np.repeat(levels, 24))
    for field in fields(voice):
        values = getattr(voice, field.name)
        assert values.dtype == np.float32
        assert len(values) == voice.frames == len(levels) * 6
        assert values.min() >= 0
        assert values.max() <= 1
        assert np.abs(np.diff(values)).max(initial=0) < 0.35, field.name


def test_stressed_syllables_are_marked_and_others_are_not() -> None:
    moments = [0.2 * number for number in range(1, 25)]
    sizes = [1.0 if number in (8, 16) else 0.4 for number in range(1, 25)]
    accent = told(syllables(moments, sizes, 5.2)).accent
    for stressed in (1.6, 3.2):
        assert accent[round(stressed * 30)] > 0.6
    assert accent[round(2.4 * 30)] < 0.2
    assert accent[round(4.4 * 30)] < 0.2


def test_a_face_does_not_twitch_with_every_syllable() -> None:
    moments = [0.25 * number for number in range(1, 40)]
    accent = told(syllables(moments, [1.0] * 39, 10.0)).accent
    rises = np.flatnonzero((np.diff(accent[:-1]) > 0) & (np.diff(accent[1:]) <= 0) & (accent[1:-1] > 0.3))
    assert np.diff(rises).min(initial=99) >= APART * 30 - 2


def test_a_phrase_has_a_beginning_and_an_end() -> None:
    level = np.concatenate([np.zeros(240), np.full(360, 0.8), np.zeros(240)])
    voice = told(level)
    assert voice.onset[60:66].min() > 0.9
    assert voice.cadence[147:152].min() > 0.9
    assert voice.onset[90:].max() == 0
    assert voice.cadence[:120].max() == 0
    assert voice.activity[105] == 1
    assert voice.activity[:40].max() == voice.activity[-40:].max() == 0


def test_a_stop_within_a_phrase_ends_none() -> None:
    level = np.concatenate([np.full(240, 0.8), np.zeros(12), np.full(240, 0.8)])
    assert told(level).cadence[40:90].max() < 0.01


def test_a_phrase_that_is_spoken_up_swells() -> None:
    level = np.concatenate([np.full(360, 0.3), np.full(360, 1.0), np.full(360, 0.3)])
    swell = told(level).swell
    assert swell[135] > 0.8
    assert swell[45] < 0.4


def test_what_nobody_noted_the_phones_of_is_heard() -> None:
    rng = np.random.default_rng(0)
    level = np.repeat([0, 0.2, 1.0, 0.2, 0.2, 1.0, 0.2, 0, 0], 4000)
    sound = (0.3 * level * rng.normal(size=len(level))).astype(np.float32)
    frames = frame_count(len(sound))
    voice = heard_prosody(sound, frames + 3)
    assert voice.frames == frames + 3
    assert voice.activity[30] > 0.9
    assert voice.accent.max() > 0.3
    again = heard_prosody(sound * 0.1, frames + 3)
    assert np.allclose(voice.accent, again.accent, atol=1e-3)
    for field in fields(voice):
        assert not getattr(heard_prosody(np.zeros(16000, np.float32), 30), field.name).any()
        assert not getattr(no_prosody(30), field.name).any()
