# SPDX-License-Identifier: GPL-3.0-or-later
"""Moods that change as people's do: a jump on the timeline becomes a change over a third of a second."""

from __future__ import annotations

import numpy as np

from ..curves import FloatArray
from .over_time import OverTime

CHANGE = 0.7
"""Seconds around a frame over which its value is a mean: no change is quicker than that from first trace to last.

With the default weights a jump between two emotions then takes the face 0.3 s from 10 to 90 %, the median of all pairs.
Expressions that rise within 0.2 to 0.9 s are read equally well, but for sadness, which is read best when slow (Recio,
Schacht and Sommer, Cognition and Emotion 27, 2013).
"""


def eased(given: OverTime, frames: int, fps: float) -> FloatArray:
    """The given numbers at the network's frames, with their jumps eased: [frames, numbers], frame 0 at second 0.

    A weighted mean over CHANGE seconds around each frame: nothing overshoots, numbers that add up to 1 still do, and
    longer ramps stay as they are, but for their corners, which are rounded. The middle of a change stays where it was,
    so that the face begins to change shortly before it.
    """
    reach = int(np.ceil(CHANGE / 2 * fps))
    values = given.at(np.arange(-reach, frames + reach) / fps)
    if (values == values[0]).all():
        return values[:frames]
    # A Hann window: its running sum, which is what a jump becomes, starts and ends gently.
    offsets = np.arange(-reach, reach + 1) / fps
    window = np.cos(np.clip(offsets / CHANGE, -0.5, 0.5) * np.pi) ** 2
    window = (window / window.sum()).astype(np.float32)
    columns = [np.convolve(column, window, "valid") for column in values.T]
    return np.stack(columns, axis=1).astype(np.float32)
