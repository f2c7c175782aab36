# SPDX-License-Identifier: GPL-3.0-or-later
"""Least squares with weights from 0 to 1: the best there is, for every frame by itself."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emotalk_blender.curves import ARKIT_NAMES, CHANNEL, lip_opening
from emotalk_blender.rig.fit import bounded_least_squares, fit
from emotalk_blender.rig.presets import OCULUS, VROID
from emotalk_blender.rig.sources import POSES

VISEMES = [shape.source for shape in OCULUS.shapes if shape.source.startswith("sound")]
VOWELS = [shape.source for shape in VROID.shapes if shape.source.startswith("sound")]

TAUGHT = np.load(Path(__file__).parents[1] / "data" / "taught_speech.npz")
"""What the rules made that taught the default weights; those of training/rules have learned from faces since."""


def spoken(pose: str) -> np.ndarray:
    """What the network was taught to make of the phone of a pose that is held: [1, 52]."""
    return TAUGHT["spoken"][TAUGHT["poses"] == pose]


def speech(seconds: float) -> np.ndarray:
    """Phones by chance, about ten a second, up to 4 s, as the network was taught to say them: [frames, 52]."""
    return TAUGHT["speech"][: round(seconds * 30)]


def by_trying(cost: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """The best weights of one row, out of all ways to hold some of them at 0 or 1."""
    best, least = None, np.inf
    for bounds in itertools.product((0.0, 1.0, None), repeat=len(pull)):
        weights = np.array([0.0 if value is None else value for value in bounds])
        free = np.array([value is None for value in bounds])
        if free.any():
            weights[free] = np.linalg.solve(cost[np.ix_(free, free)], (pull - cost @ weights)[free])
        if (weights >= -1e-12).all() and (weights <= 1 + 1e-12).all():
            loss = weights @ cost @ weights / 2 - pull @ weights
            if loss < least:
                best, least = weights, loss
    assert best is not None
    return best


@given(
    matrix=arrays(np.float64, (6, 4), elements=st.floats(-1, 1)),
    pull=arrays(np.float64, (5, 4), elements=st.floats(-3, 3)),
)
def test_nothing_better_is_found_by_trying_everything(matrix: np.ndarray, pull: np.ndarray) -> None:
    cost = matrix.T @ matrix + 0.05 * np.eye(4)
    weights = bounded_least_squares(cost, pull)
    assert weights.min() >= 0
    assert weights.max() <= 1
    for found, row in zip(weights, pull, strict=True):
        np.testing.assert_allclose(found, by_trying(cost, row), atol=1e-7)


@given(seed=st.integers(0, 99))
def test_many_poses_and_frames_end_at_the_best(seed: int) -> None:
    chance = np.random.default_rng(seed)
    matrix = chance.normal(size=(30, 20))
    cost = matrix.T @ matrix / 30 + 1e-3 * np.eye(20)
    pull = chance.normal(0, 1, (50, 20))
    weights = bounded_least_squares(cost, pull)
    slope = weights @ cost - pull
    assert (np.abs(slope[(weights > 0) & (weights < 1)]) < 1e-8).all()
    assert (slope[weights == 0] > -1e-8).all()
    assert (slope[weights == 1] < 1e-8).all()


@pytest.mark.parametrize("pose", [str(pose) for pose in TAUGHT["poses"]])
def test_a_pose_looks_as_the_network_has_learned_to_say_it(pose: str) -> None:
    np.testing.assert_allclose(POSES[pose].vector(), spoken(pose)[0], atol=0.06)


@pytest.mark.parametrize("pose", ["soundP", "soundF", "soundSh", "soundAh", "soundEe", "soundOh", "soundOo"])
def test_a_sound_that_can_be_seen_calls_for_its_own_viseme(pose: str) -> None:
    weights = fit(spoken(pose), VISEMES)[0]
    assert VISEMES[weights.argmax()] == pose
    assert weights.max() > 0.7


def test_lips_that_are_shut_by_the_blendshapes_are_shut_by_vowels_too() -> None:
    values = spoken("soundP")
    values[0, CHANNEL["jawOpen"]] = values[0, CHANNEL["mouthClose"]] = 0.3
    assert fit(values, VOWELS).max() < 0.001


def test_pressed_lips_are_no_p_while_the_mouth_is_open() -> None:
    values = spoken("soundAh")
    values[0, [CHANNEL["mouthPressLeft"], CHANNEL["mouthPressRight"]]] = 0.4
    assert fit(values, VISEMES)[0, VISEMES.index("soundP")] < 0.05


def test_the_mouth_opens_as_far_as_the_blendshapes_say() -> None:
    values = speech(4.0)
    looks = np.stack([POSES[name].vector() for name in VISEMES])
    shown = fit(values, VISEMES) @ looks
    assert np.abs(lip_opening(shown) - lip_opening(values)).max() < 0.06
    assert np.corrcoef(lip_opening(shown), lip_opening(values))[0, 1] > 0.99


def test_a_blink_is_a_whole_one() -> None:
    values = np.zeros((1, 52), np.float32)
    values[0, [CHANNEL["eyeBlinkLeft"], CHANNEL["eyeBlinkRight"]]] = 1.0
    weights = fit(values, [*VISEMES, "eyeBlink"])[0]
    assert weights[-1] == 1.0
    assert weights[:-1].max() == 0.0


def test_what_the_face_shows_already_is_not_shown_again() -> None:
    jaw_and_lips = [CHANNEL[name] for name in ARKIT_NAMES if POSES["soundAh"].vector()[CHANNEL[name]]]
    assert fit(spoken("soundAh"), ["soundAh"]).max() > 0.9
    assert fit(spoken("soundAh"), ["soundAh"], jaw_and_lips).max() == 0.0


def test_a_frame_is_fitted_by_itself() -> None:
    values = speech(2.0)
    together = fit(values, VISEMES)
    np.testing.assert_allclose(np.concatenate([fit(frame[None], VISEMES) for frame in values]), together, atol=1e-6)
    assert np.array_equal(fit(values, VISEMES), together)


def test_weights_never_jump() -> None:
    values = speech(2.0)
    between = np.linspace(0, 1, 20)[:, None, None]
    steps = values[:-1] * (1 - between) + values[1:] * between
    weights = np.stack([fit(step, VISEMES) for step in steps])
    pace = np.abs(np.diff(weights, axis=0)).max(axis=(0, 2))
    assert (pace <= 0.1 + 1.5 * np.abs(np.diff(values, axis=0)).max(axis=1)).all()


def test_no_frames_give_no_weights() -> None:
    assert fit(np.zeros((0, 52), np.float32), VISEMES).shape == (0, len(VISEMES))


def test_sounds_are_not_bent_to_show_a_mood() -> None:
    neutral = np.zeros((1, 52), np.float32)
    smiling = neutral.copy()
    smiling[0, [CHANNEL["mouthSmileLeft"], CHANNEL["mouthSmileRight"]]] = 0.8
    assert fit(smiling, VISEMES).max() < 0.2
    assert fit(smiling, [*VISEMES, "mouthSmile"])[0, -1] == pytest.approx(0.8, abs=0.05)
