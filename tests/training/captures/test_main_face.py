# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the faces in a film is the person's."""

from __future__ import annotations

import numpy as np

from emotalk_blender.training.captures.face_tracker import Face
from emotalk_blender.training.captures.main_face import main_face

from .made_up_faces import SHAPES

TIMES = [index / 25 for index in range(100)]


def face(x: float, size: float, mark: float = 0.0) -> Face:
    """A face at x, this many pixels high, whose first score is its mark."""
    scores = np.zeros(52, np.float32)
    scores[0] = mark
    return Face((SHAPES.resting - SHAPES.resting.mean(axis=0)) * size / 18 + np.array([x, 100.0, 0.0]), scores)


def marks(faces: list[list[Face]]) -> tuple[np.ndarray, np.ndarray]:
    found = main_face(TIMES[: len(faces)], faces)
    assert found is not None
    return found.times, found.scores[:, 0]


def test_the_larger_face_is_the_persons_whatever_the_order() -> None:
    faces = [[face(400, 60, 0.9), face(100, 120, 0.1)][:: 1 if index % 2 else -1] for index in range(100)]
    times, scores = marks(faces)
    assert times.tolist() == TIMES
    assert (scores < 0.5).all()


def test_a_face_that_shows_alone_while_the_person_is_away_is_not_the_persons() -> None:
    faces = [[face(400, 50, 0.9)] + ([face(100, 120, 0.1)] if not 30 <= index < 60 else []) for index in range(100)]
    times, scores = marks(faces)
    assert (scores < 0.5).all()
    assert len(times) == 70


def test_the_person_comes_back_somewhere_else() -> None:
    faces = [[face(100, 120)] if index < 40 else [face(500, 110)] if index >= 60 else [] for index in range(100)]
    times, _ = marks(faces)
    assert times.tolist() == TIMES[:40] + TIMES[60:]


def test_a_person_who_walks_and_leans_in_is_followed() -> None:
    faces = [[face(100 + 5 * index, 100 + index), face(600 - index, 60, 0.9)] for index in range(60)]
    times, scores = marks(faces)
    assert len(times) == 60
    assert (scores < 0.5).all()


def test_nobody() -> None:
    assert main_face(TIMES[:3], [[], [], []]) is None
