# SPDX-License-Identifier: GPL-3.0-or-later
"""Small saccades, without which eyes look painted on.

Times and directions are those that Lee, Badler and Badler measured on people who talk (2002, Eyes Alive): the eyes rest
on the other person for 3.1 s on average, and 0.9 s elsewhere, and they jump; sizes are kept small, as of somebody who
looks at one face.
"""

from __future__ import annotations

import numpy as np

from ..curves import CHANNEL, Curves, FloatArray

RESTING, AWAY = 93.9 / 30, 27.8 / 30
"""Seconds on average for which the eyes rest on the other person, and elsewhere."""

SHORTEST = 0.25
"""Seconds at least between two jumps."""

DIRECTIONS = {0: 15.54, 45: 6.46, 90: 17.69, 135: 7.44, 180: 16.80, 225: 7.89, 270: 20.38, 315: 7.79}
"""Degrees (0 to the character's left, 90 up) and how often the eyes go there, in percent."""

MEAN_SIZE, LARGEST_SIZE = 3.0, 8.0
"""Degrees of a jump at an amount of 1."""

FULL_LOOK = 30.0
"""Degrees by which the eyes are turned where an eyeLook blendshape is 1."""


def add_gaze(curves: Curves, amount: float, seed: int) -> Curves:
    """The curves with both eyes wandering together, on top of what they do already.

    amount: 0 to 1, scales how far they go and not when. The same seed gives the same movements.
    """
    if amount <= 0 or curves.frames == 0:
        return curves
    left, up = (amount / FULL_LOOK * degrees for degrees in _looks(curves, seed))
    values = curves.values.copy()
    for names, look in (
        (("eyeLookOutLeft", "eyeLookInRight"), left),
        (("eyeLookInLeft", "eyeLookOutRight"), -left),
        (("eyeLookUpLeft", "eyeLookUpRight"), up),
        (("eyeLookDownLeft", "eyeLookDownRight"), -up),
    ):
        for name in names:
            values[:, CHANNEL[name]] += np.maximum(look, 0)
    return Curves(values, curves.fps, curves.start)


def _looks(curves: Curves, seed: int) -> tuple[FloatArray, FloatArray]:
    """Degrees to the left and up at each frame; a jump takes less than a frame at 30 fps, so it is between two."""
    random = np.random.default_rng([seed, 1])  # other numbers than those of the blinks
    chances = np.array(list(DIRECTIONS.values()))
    left, up = np.zeros(curves.frames, np.float32), np.zeros(curves.frames, np.float32)
    time, is_away = 0.0, False
    while time * curves.fps < curves.frames:
        stay = SHORTEST + random.exponential((AWAY if is_away else RESTING) - SHORTEST)
        angle = np.radians(random.choice(list(DIRECTIONS), p=chances / chances.sum()))
        size = min(random.exponential(MEAN_SIZE), LARGEST_SIZE)
        if is_away:
            frames = slice(round(time * curves.fps), round((time + stay) * curves.fps))
            left[frames], up[frames] = size * np.cos(angle), size * np.sin(angle)
        time, is_away = time + stay, not is_away
    return left, up
