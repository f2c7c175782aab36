# SPDX-License-Identifier: GPL-3.0-or-later
"""Correlation, lag and chance of curves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.training.evaluation.figures import correlation, follows, jitter, judge_curve, mean_figures, median


def wander(frames: int = 300, seed: int = 0) -> np.ndarray:
    """A curve that moves like speech, [frames]."""
    rng = np.random.default_rng(seed)
    return np.convolve(rng.random(frames + 4), np.ones(5) / 5, mode="valid").astype(np.float32)


def test_a_curve_follows_itself_perfectly() -> None:
    curve = wander()
    found = follows(curve, curve, np.ones(len(curve), bool))
    assert found.all_frames == pytest.approx(1)
    assert found.speech_frames == pytest.approx(1)
    assert found.lag == 0


@given(st.integers(-5, 5))
@settings(max_examples=11)
def test_a_late_curve_has_its_lag_named(late: int) -> None:
    curve = wander()
    found = follows(np.roll(curve, late), curve, np.ones(len(curve), bool))
    assert found.lag == late
    assert found.best == pytest.approx(1, abs=1e-6)


def test_speech_frames_are_judged_alone() -> None:
    curve, speaking = wander(), np.arange(300) < 150
    wrong_in_silence = np.where(speaking, curve, 1 - curve)
    found = follows(wrong_in_silence, curve, speaking)
    assert found.speech_frames == pytest.approx(1)
    assert found.all_frames < 0.7


def test_what_does_not_move_correlates_with_nothing() -> None:
    assert correlation(np.zeros(10, np.float32), np.arange(10, dtype=np.float32)) == 0


@given(st.floats(0.1, 10), st.floats(-3, 3))
@settings(max_examples=25)
def test_correlation_is_blind_to_scale_and_offset(scale: float, offset: float) -> None:
    one, other = wander(seed=1), wander(seed=2)
    moved = (scale * one + offset).astype(np.float32)
    assert correlation(moved, other) == pytest.approx(correlation(one, other), abs=1e-3)


def test_a_curve_is_judged_beside_loudness_and_chance() -> None:
    true, loud = wander(), wander(seed=5)
    figures = judge_curve(0.5 * true, true, loud, np.ones(len(true), bool))
    assert figures.network.all_frames == pytest.approx(1)
    assert figures.loudness.all_frames == pytest.approx(correlation(loud, true))
    assert abs(figures.chance.all_frames) < 0.2
    assert figures.found_95 == pytest.approx(0.5 * figures.true_95)


def test_chance_is_perfect_for_a_curve_that_repeats_itself() -> None:
    beat = np.sin(2 * np.pi * np.arange(300) / 2).astype(np.float32) + np.tile([0.0, 1.0], 150).astype(np.float32)
    assert judge_curve(beat, beat, beat, np.ones(300, bool)).chance.all_frames == pytest.approx(1)


def test_jitter_is_the_part_above_8_hz() -> None:
    time = np.arange(300) / 30
    slow, fast = np.sin(2 * np.pi * 2 * time), np.sin(2 * np.pi * 10 * time)
    assert jitter(slow[:, None].astype(np.float32)) < 0.01
    assert jitter((slow + fast)[:, None].astype(np.float32)) == pytest.approx(0.5, abs=0.02)
    assert jitter(np.zeros((30, 52), np.float32)) == 0


def test_long_takes_weigh_more() -> None:
    true, speaking = wander(), np.ones(300, bool)
    right, wrong = judge_curve(true, true, true, speaking), judge_curve(-true, true, true, speaking)
    mean = mean_figures([right, wrong], [3.0, 1.0])
    assert mean.network.all_frames == pytest.approx(0.5)
    assert mean.found_95 == pytest.approx(0.75 * right.found_95 + 0.25 * wrong.found_95)


@given(st.lists(st.tuples(st.integers(-6, 6), st.floats(0.5, 50)), min_size=1, max_size=8))
def test_the_median_has_half_of_the_weight_on_either_side(pairs: list[tuple[int, float]]) -> None:
    values, weights = [value for value, _ in pairs], [weight for _, weight in pairs]
    found = median(values, weights)
    assert found in values
    assert sum(weight for value, weight in pairs if value < found) <= sum(weights) / 2 + 1e-6
    assert sum(weight for value, weight in pairs if value > found) <= sum(weights) / 2 + 1e-6
