# SPDX-License-Identifier: GPL-3.0-or-later
"""Closures of the lips are counted where they should be, and where they should not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.curves import lip_opening
from emotalk_blender.training.evaluation.closures import Closures, actor_closures, closures, sum_closures
from emotalk_blender.training.rules.articulation import articulate
from emotalk_blender.training.rules.loudness import loudness

from ..synthetic_speech import in_time, random_phones, sound_of


def test_closures_are_counted() -> None:
    phones = in_time(["AA", "P", "AA", "M", "AA", "B", "AA"], [0.3, 0.1, 0.3, 0.1, 0.3, 0.1, 0.3])
    gap = np.full(45, 0.5, np.float32)
    assert closures(gap, phones) == Closures(0.0, 0.0, 0.0, 3)
    gap[9:12] = 0.0  # the P at 0.3 s
    found = closures(gap, phones)
    assert found.closed == pytest.approx(1 / 3)
    assert found.false == 0


def test_a_mouth_that_stays_shut_closes_falsely() -> None:
    phones = in_time(["AA", "P", "AA"], [0.3, 0.1, 0.3])
    gap = np.zeros(21, np.float32)
    gap[:6] = 0.5
    assert closures(gap, phones).false == pytest.approx(0.5)  # the second vowel never opens
    assert closures(gap, phones).closed == 1


def test_chance_is_high_for_a_mouth_that_flaps() -> None:
    flap = (np.arange(300) % 4 < 2).astype(np.float32)
    assert closures(flap, random_phones(np.random.default_rng(3), 10.0)).chance > 0.9


def test_the_rules_close_their_own_lips() -> None:
    phones = random_phones(np.random.default_rng(3), 20.0)
    found = closures(lip_opening(articulate(phones, loudness(sound_of(phones), phones)).curves), phones)
    assert found.count >= 5
    assert found.closed == 1


def test_an_actors_closures_lie_between_openings() -> None:
    actor = np.full(120, 0.8, np.float32)
    actor[20:24] = 0.0  # a closure
    actor[40:70] = 0.0  # a pause
    actor[100:] = 0.0  # the end
    assert actor_closures(actor, actor) == Closures(1.0, 0.0, 0.0, 1)
    still_open = np.full(120, 0.8, np.float32)
    assert actor_closures(still_open, actor).closed == 0
    half_shut = actor.copy()
    half_shut[70:100] = 0.0
    assert actor_closures(half_shut, actor).false == pytest.approx(1 / 3)  # one of three openings


@given(st.floats(0.05, 3), st.integers(0, 20))
@settings(max_examples=20)
def test_only_the_shape_of_an_opening_counts(scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    true = np.convolve(rng.random(204), np.ones(5) / 5, mode="valid").astype(np.float32)
    true = np.maximum(true - 0.4, 0)
    assert actor_closures(true, true).closed == 1
    assert actor_closures((scale * true).astype(np.float32), true) == actor_closures(true, true)


def test_closures_of_takes_add_up_by_their_count() -> None:
    assert sum_closures([Closures(1.0, 0.5, 0.0, 3), Closures(0.0, 0.5, 0.4, 1)]) == Closures(
        0.75, 0.5, pytest.approx(0.1), 4
    )
