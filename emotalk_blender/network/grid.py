# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the frames of a clip lie: samples, 50 Hz front-end rows, and 30 fps frames of the two encoders."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..curves import FPS, SAMPLE_RATE

HOP = 320
"""Samples between two rows of the front end (50 Hz)."""

REACH = 400
"""Samples that one row of the front end sees."""

SHORTEST = REACH + HOP
"""Samples under which a clip is padded with silence, so that the front end gives two rows."""


@dataclass(frozen=True)
class FrameRange:
    """A half-open range [start, stop) of rows or frames."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True)
class FrameGrid:
    """The grid of one clip of `samples` samples (at least 1), as the published network lays it out.

    rows: outputs of the front end; emotion_frames: int(rows * 30 / 50), which the emotion transformer reads;
    frames: ceil(samples / 16000 * 30), which the content transformer and the decoder read.
    """

    samples: int
    fps: int = FPS

    @property
    def rows(self) -> int:
        """Front-end rows at 50 Hz (of the clip padded to SHORTEST)."""
        return (max(self.samples, SHORTEST) - REACH) // HOP + 1

    @property
    def frames(self) -> int:
        """Output frames."""
        return math.ceil(self.samples * self.fps / SAMPLE_RATE)

    @property
    def emotion_frames(self) -> int:
        """Frames of the emotion transformer."""
        return max(1, self.rows * self.fps // 50)

    def row_at(self, frame: int) -> float:
        """Front-end row, fractional, at an output frame (both ends aligned)."""
        return _aligned(frame, self.frames, self.rows)

    def row_at_emotion(self, emotion_frame: int) -> float:
        """Front-end row, fractional, at a frame of the emotion transformer."""
        return _aligned(emotion_frame, self.emotion_frames, self.rows)

    def emotion_at(self, frame: int) -> float:
        """Frame of the emotion transformer, fractional, at an output frame."""
        return _aligned(frame, self.frames, self.emotion_frames)

    def content_positions(self, span: FrameRange) -> list[float]:
        """Front-end rows, fractional, that the content encoder reads for these frames."""
        return [self.row_at(frame) for frame in range(span.start, span.stop)]

    def emotion_positions(self, span: FrameRange) -> tuple[list[float], FrameRange]:
        """Frames of the emotion transformer, fractional, at these frames; and the whole ones that cover them."""
        wanted = [self.emotion_at(frame) for frame in range(span.start, span.stop)]
        return wanted, cover(wanted[0], wanted[-1], self.emotion_frames)

    def samples_around(self, span: FrameRange) -> tuple[int, int]:
        """The samples [first, last) that both encoders read for these frames."""
        _, inner = self.emotion_positions(span)
        ends = [self.row_at(span.start), self.row_at(span.stop - 1)]
        ends += [self.row_at_emotion(inner.start), self.row_at_emotion(inner.stop - 1)]
        rows = cover(min(ends), max(ends), self.rows)
        return rows.start * HOP, min(self.samples, (rows.stop - 1) * HOP + REACH)


def _aligned(index: int, count: int, target: int) -> float:
    """Linear interpolation's source position with align_corners=True: the first and last points coincide."""
    return index * (target - 1) / (count - 1) if count > 1 else 0.0


def cover(first: float, last: float, count: int) -> FrameRange:
    """The whole rows that linear interpolation between positions first and last reads, out of `count`."""
    return FrameRange(math.floor(first), min(math.ceil(last), count - 1) + 1)
