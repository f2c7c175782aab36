# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that change while the sound plays, such as an intensity with keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..curves import DoubleArray, FloatArray


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

    def at(self, times: DoubleArray) -> FloatArray:
        """The numbers at these seconds of the sound, linear between samples, held at both ends: [times, numbers]."""
        position = np.clip((times - self.start) * self.fps, 0, len(self.values) - 1)
        left = np.floor(position).astype(np.int64)
        right = np.minimum(left + 1, len(self.values) - 1)
        weight = (position - left).astype(np.float32)[:, None]
        before = self.columns[left]
        values: FloatArray = before + (self.columns[right] - before) * weight
        return values
