# SPDX-License-Identifier: GPL-3.0-or-later
"""Small saccades, without which eyes look painted on.

How long people who talk look at the other person and away, where to, and how long a saccade takes are as Lee, Badler
and Badler measured them (2002, Eyes Alive). While they look at the other person their eyes go from one part of the
face to another. Sizes are kept small: larger ones would turn the head. Lids follow by themselves, for ARKit's
eyeLookDown and eyeLookUp move them with the eye.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..curves import CHANNEL, Curves, DoubleArray, FloatArray

TOWARDS, AWAY = 93.9 / 30, 27.8 / 30
"""Seconds on average for which people look at the other person, and elsewhere."""

FIXATION = 0.9
"""Seconds on average for which the eyes rest on one part of the other person's face."""

SHORTEST = 0.25
"""Seconds at least between two saccades."""

DIRECTIONS = {0: 15.54, 45: 6.46, 90: 17.69, 135: 7.44, 180: 16.80, 225: 7.89, 270: 20.38, 315: 7.79}
"""Degrees (0 to the character's left, 90 up) and how often the eyes look away there, in percent."""

SMALLEST_SIZE, MEAN_SIZE, LARGEST_SIZE = 2.0, 5.0, 10.0
"""Degrees of a look away at an amount of 1."""

FACE_SIZE, SMALLEST_STEP = 1.2, 0.7
"""Degrees, at an amount of 1: how far the parts of a face are from its middle (standard deviation), and from each
other at least."""

SACCADE_BASE, SACCADE_PER_DEGREE = 0.025, 0.0024
"""Seconds that a saccade takes, and how much longer for each degree."""

LARGE = 3.0
"""Degrees, at an amount of 1, from which on a saccade is a shift of the gaze."""

FULL_LOOK = 30.0
"""Degrees by which the eyes are turned where an eyeLook blendshape is 1."""


@dataclass(frozen=True)
class Saccades:
    """When the eyes begin to move (seconds [n]), and where they go (degrees to the character's left and up [n, 2])."""

    times: DoubleArray
    places: DoubleArray

    def at(self, times: DoubleArray) -> DoubleArray:
        """Where the eyes look at some times (seconds): degrees [times, 2]. They begin straight ahead."""
        places = np.concatenate([np.zeros((1, 2)), self.places])
        goals = np.searchsorted(self.times, times, side="right")
        since = times - np.concatenate([[-np.inf], self.times])[goals]
        start, goal = places[np.maximum(goals - 1, 0)], places[goals]
        takes = SACCADE_BASE + SACCADE_PER_DEGREE * np.linalg.norm(goal - start, axis=1)
        done = np.clip(since / takes, 0, 1)
        ease = (done * done * (3 - 2 * done))[:, None]
        looks: DoubleArray = start + (goal - start) * ease
        return looks


@lru_cache(maxsize=4)  # the blinks ask for them before the gaze does, and Live with every step of a slider
def saccades(duration: float, seed: int) -> Saccades:
    """All saccades in `duration` seconds, at an amount of 1; the same seed gives the same, also in a longer clip."""
    random = np.random.default_rng([seed, 1])  # other numbers than those of the blinks
    times: list[float] = []
    places: list[DoubleArray] = []
    place = np.zeros(2)
    time = _pause(random, FIXATION)
    leaves = time + _pause(random, TOWARDS)
    while time < duration:
        if time < leaves:
            place, stays = _part_of_face(random, place), _pause(random, FIXATION)
        else:
            place, stays = _elsewhere(random), _pause(random, AWAY)
            leaves = time + stays + _pause(random, TOWARDS)
        times.append(time)
        places.append(place)
        time += stays
    return Saccades(np.array(times), np.array(places).reshape(-1, 2))


def shifts(duration: float, seed: int) -> list[float]:
    """Seconds at which the eyes look away, or come back, in `duration` seconds: the larger saccades."""
    found = saccades(duration, seed)
    places = np.concatenate([np.zeros((1, 2)), found.places])
    sizes = np.linalg.norm(np.diff(places, axis=0), axis=1)
    return [float(time) for time in found.times[sizes > LARGE]]


def add_gaze(curves: Curves, amount: float, seed: int) -> Curves:
    """The curves with both eyes wandering together, on top of what they do already.

    amount: 0 to 1, scales how far they go and not when. The same seed gives the same movements.
    """
    if amount <= 0 or curves.frames == 0:
        return curves
    looks = saccades(curves.frames / curves.fps, seed).at(curves.times() - curves.start)
    left, up = (amount / FULL_LOOK * looks).T.astype(np.float32)
    values = curves.values.copy()
    _look(values, "eyeLookOutLeft", "eyeLookInLeft", left)
    _look(values, "eyeLookInRight", "eyeLookOutRight", left)
    _look(values, "eyeLookUpLeft", "eyeLookDownLeft", up)
    _look(values, "eyeLookUpRight", "eyeLookDownRight", up)
    return Curves(values, curves.fps, curves.start)


def _look(values: FloatArray, towards: str, back: str, turned: FloatArray) -> None:
    """Add a turn, positive or negative, to what two opposite blendshapes do: one of them is 0 then."""
    total = values[:, CHANNEL[towards]] - values[:, CHANNEL[back]] + turned
    values[:, CHANNEL[towards]], values[:, CHANNEL[back]] = np.maximum(total, 0), np.maximum(-total, 0)


def _pause(random: np.random.Generator, mean: float) -> float:
    return SHORTEST + float(random.exponential(mean - SHORTEST))


def _part_of_face(random: np.random.Generator, last: DoubleArray) -> DoubleArray:
    """Another part of the other person's face: far enough from the last one for the eyes to move."""
    while True:
        offset = random.normal(0, FACE_SIZE, 2)
        place: DoubleArray = offset * min(1, 2 * FACE_SIZE / max(float(np.linalg.norm(offset)), 1e-9))
        if np.linalg.norm(place - last) >= SMALLEST_STEP:
            return place


def _elsewhere(random: np.random.Generator) -> DoubleArray:
    chances = np.array(list(DIRECTIONS.values()))
    angle = np.radians(random.choice(list(DIRECTIONS), p=chances / chances.sum()))
    size = min(SMALLEST_SIZE + random.exponential(MEAN_SIZE - SMALLEST_SIZE), LARGEST_SIZE)
    return size * np.array([np.cos(angle), np.sin(angle)])
