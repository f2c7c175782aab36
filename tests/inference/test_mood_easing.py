# SPDX-License-Identifier: GPL-3.0-or-later
"""A jump of the mood becomes a smooth change: in its numbers, and on the face that the default weights generate."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emotalk_blender.inference.audio import read_sound, to_network_samples
from emotalk_blender.inference.mood_easing import CHANGE, eased
from emotalk_blender.inference.over_time import OverTime
from emotalk_blender.inference.performance import EMOTIONS, MIX, Performance
from emotalk_blender.inference.session import load_session
from emotalk_blender.network.direction import direct

SPEECH = Path(__file__).parents[1] / "data" / "labelled_speech.flac"

weights = st.integers(1, 60).flatmap(lambda count: arrays(np.float32, (count, 7), elements=st.floats(0, 1, width=32)))


def ramp(seconds: float, at: float = 2.0, fps: float = 24.0) -> OverTime:
    """From 0 to 1 within so many seconds around `at`, in four seconds."""
    times = np.arange(round(4 * fps)) / fps
    return OverTime(np.clip((times - at) / seconds + 0.5, 0, 1).astype(np.float32), fps)


@given(weights, st.sampled_from([12.0, 23.976, 24.0, 30.0, 60.0]), st.floats(-2, 2))
def test_nothing_overshoots(values, fps, start):
    out = eased(OverTime(values, fps, start), 40, 30.0)
    assert out.shape == (40, 7)
    assert (out >= values.min(axis=0) - 1e-5).all()
    assert (out <= values.max(axis=0) + 1e-5).all()


@given(weights)
def test_a_mix_that_adds_up_to_1_still_does(values):
    values = values + np.float32(0.1)
    values /= values.sum(axis=1, keepdims=True)
    assert np.allclose(eased(OverTime(values, 24.0), 50, 30.0).sum(axis=1), 1, atol=1e-5)


@given(st.floats(0, 1.5, width=32), st.integers(1, 100))
def test_what_does_not_change_is_left_alone_bit_for_bit(value, frames):
    out = eased(OverTime(np.full((3, 2), value, np.float32), 24.0), frames, 30.0)
    assert (out == np.float32(value)).all()
    assert out.shape == (frames, 2)


@pytest.mark.parametrize("seconds", [1e-6, 1 / 24], ids=["jump", "one frame"])
@pytest.mark.parametrize("fps", [24.0, 25.0, 60.0])
def test_a_jump_takes_its_time_and_keeps_its_place(seconds, fps):
    out = eased(ramp(seconds, fps=fps), 120, 30.0)[:, 0]
    assert (np.diff(out) >= -1e-6).all()
    changing = np.flatnonzero((out > 0.001) & (out < 0.999)) / 30
    assert CHANGE / 2 < changing[-1] - changing[0] <= CHANGE + 2 / fps
    assert np.interp(0.5, out, np.arange(120) / 30) == pytest.approx(2.0, abs=1.01 / fps)
    assert np.diff(out).max() < 0.11


@pytest.mark.parametrize("seconds", [1.0, 2.0])
def test_a_long_ramp_stays_as_it_is(seconds):
    given = ramp(seconds)
    frames = np.arange(120) / 30
    difference = np.abs(eased(given, 120, 30.0)[:, 0] - given.at(frames)[:, 0])
    assert difference.max() < 0.06
    corners = np.abs(np.abs(frames - 2.0) - seconds / 2) < CHANGE / 2 + 1 / 24
    assert difference[~corners].max() < 1e-5


@pytest.fixture(scope="module")
def heard():
    session = load_session(None, "cpu")
    return session, session.hear(to_network_samples(read_sound(SPEECH)))


@pytest.mark.parametrize(("first", "second"), [("happy", "angry"), ("sad", "surprise"), ("neutral", "fear")])
def test_a_jump_between_two_emotions_is_a_change_of_heart_on_the_face(heard, first, second):
    """With the default weights, by the part of the way between two faces that is gone on each frame.

    From 10 to 90 % it takes 0.2 to 0.9 s, and the fastest frame is at most a third as fast as without easing.
    """
    session, features = heard
    frames = features.frames
    mix = np.zeros((frames, 7), np.float32)
    mix[: frames // 2, EMOTIONS.index(first)] = 1
    mix[frames // 2 :, EMOTIONS.index(second)] = 1
    before, after, face = (
        session.perform(features, performance).values
        for performance in (Performance(first), Performance(second), Performance(MIX, weights=OverTime(mix, 30.0)))
    )
    named = dict(zip(EMOTIONS, torch.from_numpy(mix).unbind(dim=1), strict=True))
    jump = session.network.decode(features, direct(session.network.config, named)).numpy()
    way = after - before
    progress, hard = (((curves - before) * way).sum(axis=1) / (way * way).sum(axis=1) for curves in (face, jump))
    assert progress.min() > -0.05
    assert progress.max() < 1.05
    assert np.abs(np.diff(progress)).max() < np.abs(np.diff(hard)).max() / 3
    start, end = (np.argmax(progress > part) / 30 for part in (0.1, 0.9))
    assert 0.2 <= end - start <= 0.9
    assert start < frames / 60 < end
