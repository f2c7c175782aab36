# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows with overlap, so that clips of any length fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..curves import FloatArray

WINDOW = 1200
"""Frames (40 s) that are encoded at once; clips up to this length are never cut."""

OVERLAP = 150
"""Frames (5 s) that neighbouring windows share."""


@dataclass(frozen=True)
class Window:
    """Frames [start, stop) of a clip, and the weight of each of them in the sum of all windows."""

    start: int
    stop: int
    weight: FloatArray


def windows(frames: int, size: int = WINDOW, overlap: int = OVERLAP) -> list[Window]:
    """Windows that cover a clip of `frames` frames (1 or more), none longer than `size`.

    Neighbours share at least `overlap` frames, over which the weights fall and rise in lines; the weights of all
    windows on a frame add up to 1. Raises ValueError unless 0 <= 2 * overlap <= size.
    """
    if not 0 <= 2 * overlap <= size or size < 1 or frames < 1:
        raise ValueError(f"no windows of {size} with an overlap of {overlap} over {frames} frames")
    spans = list(_spans(frames, size, overlap))
    ramps = [_ramp(start, stop, frames, overlap) for start, stop in spans]
    total = np.zeros(frames)
    for (start, stop), ramp in zip(spans, ramps, strict=True):
        total[start:stop] += ramp
    return [
        Window(start, stop, (ramp / total[start:stop]).astype(np.float32))
        for (start, stop), ramp in zip(spans, ramps, strict=True)
    ]


def _spans(frames: int, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Starts and stops: equal steps, the last window moved back to end with the clip."""
    start = 0
    while start + size < frames:
        yield start, start + size
        start += max(1, size - overlap)
    yield max(0, frames - size), frames


def _ramp(start: int, stop: int, frames: int, overlap: int) -> FloatArray:
    """Weight rising over the first `overlap` frames and falling over the last, but level at the clip's own ends."""
    index = np.arange(stop - start)
    rise = np.minimum(1, (index + 1) / (overlap + 1)) if start > 0 else np.ones(len(index))
    fall = np.minimum(1, (len(index) - index) / (overlap + 1)) if stop < frames else np.ones(len(index))
    ramp: FloatArray = (rise * fall).astype(np.float32)
    return ramp
