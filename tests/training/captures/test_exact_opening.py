# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips exactly as far apart as they should be, at any rate."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.animation.lips import lip_opening
from emotalk_blender.curves import CHANNEL
from emotalk_blender.training.captures.exact_opening import at_rate, with_opening

SEEDS = st.integers(0, 10_000)


@settings(deadline=None, max_examples=50)
@given(SEEDS)
def test_any_curves_take_any_opening(seed: int) -> None:
    rng = np.random.default_rng(seed)
    opening = np.maximum(rng.uniform(-0.5, 1, 40), 0)
    before = rng.uniform(-0.2, 1.2, (40, 52))
    curves = with_opening(before, opening)
    assert curves.min() >= 0
    assert curves.max() <= 1
    assert np.abs(lip_opening(curves) - opening).max() < 1e-6
    assert (lip_opening(curves)[opening == 0] == 0).all()
    others = [channel for name, channel in CHANNEL.items() if not name.startswith(("jawOpen", "mouth"))]
    assert np.array_equal(curves[:, others], np.clip(before[:, others], 0, 1).astype(np.float32))


@settings(deadline=None, max_examples=50)
@given(SEEDS, st.sampled_from([15.0, 23.976, 25.0, 29.97, 48.0, 60.0]), st.floats(0, 0.4))
def test_a_closure_lasts_through_the_change_of_rate(seed: int, fps: float, jitter: float) -> None:
    rng = np.random.default_rng(seed)
    frames = round(3 * fps)
    times = (np.arange(frames) + jitter * rng.uniform(-1, 1, frames)) / fps
    times = np.sort(np.maximum(times, 0))
    opening = np.full(frames, 0.4)
    shut = int(rng.integers(2, frames - 2))
    opening[shut] = 0
    curves = with_opening(rng.uniform(0, 0.3, (frames, 52)), opening)
    steady = at_rate(times, curves, opening, 30.0)
    assert len(steady) == int(times[-1] * 30 + 1e-6) + 1
    closed = np.flatnonzero(lip_opening(steady) == 0)
    assert len(closed) >= 1
    assert np.abs(closed / 30 - times[shut]).min() <= 0.5 / 30 + 1e-9
    assert not steady[closed, CHANNEL["mouthFunnel"]].any()
    far = np.abs(np.arange(len(steady)) / 30 - times[shut]) > 0.15
    assert np.abs(lip_opening(steady)[far] - 0.4).max() < 1e-5
