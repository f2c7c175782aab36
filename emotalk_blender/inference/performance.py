# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist asks of the performance, as plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..curves import FloatArray
from ..moods import EMOTIONS, FROM_STRIP, FROM_VOICE, MAX_INTENSITY, MIX

__all__ = ["EMOTIONS", "FROM_STRIP", "FROM_VOICE", "MAX_INTENSITY", "MIX", "OverTime", "Performance", "Report"]

Report = Callable[[str, float], None]
"""Progress: called with what is being done and the part done (0 to 1); may raise Cancelled to stop the work."""


@dataclass(frozen=True, eq=False)
class OverTime:
    """Numbers that change while the sound plays.

    values: float32 [samples] or [samples, numbers], one sample or more.
    fps: samples per second, above 0.
    start: seconds from the start of the sound to the first sample; may be negative.
    """

    values: FloatArray
    fps: float
    start: float = 0.0

    def __post_init__(self) -> None:
        if self.values.ndim not in (1, 2) or len(self.values) == 0:
            raise ValueError(f"numbers over time need shape [samples] or [samples, numbers], not {self.values.shape}")
        if not self.fps > 0:
            raise ValueError(f"numbers over time need a rate above 0, not {self.fps}")

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, OverTime)
            and (self.fps, self.start) == (other.fps, other.start)
            and np.array_equal(self.values, other.values)
        )

    def __hash__(self) -> int:
        return hash((self.fps, self.start, self.values.tobytes()))

    @property
    def columns(self) -> FloatArray:
        """The values as a table: [samples, numbers]."""
        return self.values.reshape(len(self.values), -1)

    def at(self, times: npt.NDArray[np.float64]) -> FloatArray:
        """The numbers at these seconds of the sound, linear between samples, held at both ends: [times, numbers]."""
        position = np.clip((times - self.start) * self.fps, 0, len(self.values) - 1)
        left = np.floor(position).astype(np.int64)
        right = np.minimum(left + 1, len(self.values) - 1)
        weight = (position - left).astype(np.float32)[:, None]
        before = self.columns[left]
        values: FloatArray = before + (self.columns[right] - before) * weight
        return values


@dataclass(frozen=True)
class Performance:
    """The choices of the panel.

    emotion: FROM_VOICE, one of EMOTIONS, MIX or FROM_STRIP.
    intensity: 0 (neutral) to 1 (the network's strong level), up to MAX_INTENSITY; may change over time.
    person: speaking style, 0 to the checkpoint's number of persons - 1.
    weights: of EMOTIONS in their order, 0 or above, [samples, 7], for MIX alone. What is missing to a sum of 1 stays
        From Voice, more than 1 is scaled down to 1.
    borrowed: how much of the other recording's mood is taken, 0 to 1, for FROM_STRIP alone.

    What changes over time is eased: see mood_easing.py.
    """

    emotion: str = FROM_VOICE
    intensity: float | OverTime = 1.0
    person: int = 0
    weights: OverTime | None = None
    borrowed: float = 1.0
