# SPDX-License-Identifier: GPL-3.0-or-later
"""From landmarks to the 52: a face that was moved by known weights gives them back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.animation.lips import lip_opening
from emotalk_blender.curves import ARKIT_NAMES, CHANNEL
from emotalk_blender.training.captures.landmark_fit import CAPTURED, fitted_curves
from emotalk_blender.training.captures.person import Person, TrackedFace, find_person, lips_opening, still_head

from .made_up_faces import JAW, SHAPES, speech, tracked


def captured(film: TrackedFace, person: Person | None = None) -> np.ndarray:
    person = person or find_person([film], SHAPES)
    return fitted_curves(film, still_head(film, person, SHAPES), person, SHAPES)


def alike(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


@pytest.mark.parametrize("fps", [15, 25, 60])
def test_the_weights_come_back(fps: int) -> None:
    true = speech(8, fps)
    curves = captured(tracked(true, fps, noise=0.05))
    assert alike(lip_opening(curves), lip_opening(true)) > 0.99
    for name, least in (("jawOpen", 0.97), ("mouthPucker", 0.9), ("mouthSmileLeft", 0.9), ("browInnerUp", 0.95)):
        assert alike(curves[:, CHANNEL[name]], true[:, CHANNEL[name]]) > least, name
    for name, part in (("jawOpen", 0.7), ("mouthPucker", 0.5), ("mouthSmileLeft", 0.4), ("browInnerUp", 0.6)):
        shown = np.percentile(curves[:, CHANNEL[name]], 95) / np.percentile(true[:, CHANNEL[name]], 95)
        assert part < shown < 1.3, name


def test_a_head_that_nods_and_turns_changes_nothing() -> None:
    true = speech(6, 25)
    times = np.arange(len(true)) / 25
    head = np.stack([0.25 * np.sin(times), np.radians(30) * np.sin(0.7 * times), 0.15 * np.cos(times)], axis=1)
    still, moving = tracked(true, 25), tracked(true, 25, head)
    person = find_person([still], SHAPES)
    assert np.abs(captured(moving, person) - captured(still, person)).max() < 1e-3
    told = still_head(moving, person, SHAPES).head
    assert np.abs(told - head).max() < np.radians(3)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 1000), st.floats(0, 0.3))
def test_the_opening_is_exactly_the_films_and_closed_lips_are_closed(seed: int, noise: float) -> None:
    film = tracked(speech(4, 25, seed), 25, noise=noise)
    person = find_person([film], SHAPES)
    face = still_head(film, person, SHAPES)
    curves = fitted_curves(film, face, person, SHAPES)
    opening = lips_opening(face.gap, person)
    assert (opening == 0).any()
    assert np.abs(lip_opening(curves) - opening).max() < 1e-6
    assert (lip_opening(curves)[opening == 0] == 0).all()
    assert curves.min() >= 0
    assert curves.max() <= 1
    assert not curves[opening == 0, CHANNEL["mouthFunnel"]].any(), "a funnel parts the lips of a face"


def test_a_closure_of_one_frame_stays_shut() -> None:
    true = speech(4, 25)
    true[:, [JAW, CHANNEL["mouthClose"]]] = 0.3, 0.0
    true[:30, JAW] = 0
    true[60, CHANNEL["mouthClose"]] = 0.3
    for side in ("Left", "Right"):
        true[[60], CHANNEL[f"mouthUpperUp{side}"]] = 0
    opening = lip_opening(captured(tracked(true.astype(np.float32), 25)))
    assert opening[60] == 0
    assert opening[59] > 0.2
    assert opening[61] > 0.2


def test_a_persons_own_face_is_no_expression() -> None:
    true = speech(6, 25)
    film = tracked(true, 25)
    # Somebody with a wide jaw, lips that smile and are apart at rest, and brows up.
    rest = 0.3 * SHAPES.move("mouthSmileLeft") + 0.3 * SHAPES.move("mouthSmileRight") + 0.5 * SHAPES.move("browInnerUp")
    rest = rest + 0.02 * SHAPES.move("jawOpen") + SHAPES.resting * np.array([0.05, 0.0, 0.0])
    other = replace(film, points=film.points + 9.0 * rest * np.array([1.0, -1.0, -1.0]))
    curves = captured(other)
    still = np.flatnonzero(lip_opening(true) == 0)
    assert np.median(curves[still][:, CHANNEL["mouthSmileLeft"]]) < 0.1
    assert np.median(curves[:, CHANNEL["browInnerUp"]]) < 0.1
    assert (lip_opening(curves)[still] == 0).mean() > 0.95


def test_all_films_of_a_person_share_a_resting_face() -> None:
    films = [tracked(speech(3, 25, seed), 25) for seed in (1, 2)]
    person = find_person(films, SHAPES)
    assert person.height == pytest.approx(17.67, abs=0.3)
    assert person.resting.shape == SHAPES.resting.shape


def test_shrug_and_roll_do_not_eat_the_gap() -> None:
    true = speech(8, 25)
    curves = captured(tracked(true, 25))
    open_wide = lip_opening(true) > 0.3
    for name in ("mouthShrugUpper", "mouthShrugLower", "mouthRollUpper", "mouthRollLower"):
        assert np.median(curves[open_wide, CHANNEL[name]]) < 0.1, name


def test_what_a_film_does_not_show_is_not_captured() -> None:
    hidden = [name for name, shown in zip(ARKIT_NAMES, CAPTURED, strict=True) if not shown]
    assert hidden == ["cheekPuff", "cheekSquintLeft", "cheekSquintRight", "jawForward", "tongueOut"]
    assert not captured(tracked(speech(2, 25), 25))[:, ~CAPTURED].any()


def test_lids_and_gaze_are_the_trackers_beyond_the_usual() -> None:
    true = speech(4, 25)
    blink, look = CHANNEL["eyeBlinkLeft"], CHANNEL["eyeLookUpLeft"]
    true[:, blink] = 0.1
    true[40:44, blink] = 0.75
    true[:, look] = 0.3
    curves = captured(tracked(true, 25))
    assert curves[20, blink] == pytest.approx(0, abs=1e-6)
    assert curves[42, blink] == pytest.approx(1, abs=1e-3)
    assert not curves[:, look].any()
