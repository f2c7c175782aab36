# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a sound that its strip lets through, and where it plays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class AudibleStretch:
    """The part of a sound that its strip lets through, and where it plays.

    start: when it begins, in seconds of the scene (frame 0 is second 0); lies between frames where the strip says so.
    duration: how long the strip's handles and its metas let it play, in seconds; the file may end sooner.
    file_start: where it begins in the sound file, in seconds.
    fps: frames per second of the scene, as played (render.fps / render.fps_base).
    """

    start: float
    duration: float
    file_start: float
    fps: float

    def frames(self, heard: float) -> npt.NDArray[np.int64]:
        """The scene frames that show a sound of `heard` seconds, int64 [frames], each once and in order."""
        end = self.start + min(self.duration, heard)
        first, after = (int(np.ceil(time * self.fps - 1e-6)) for time in (self.start, end))
        return np.arange(first, after)
