# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound of a movie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import EmoTalkError
from ...inference.audio import Recording

MOVIES = (".mov", ".mp4", ".m4v", ".mkv", ".webm", ".avi")


@dataclass(frozen=True)
class SoundTrack:
    """A movie's sound, mono, and when it begins: seconds on the movie's clock, which may be before 0."""

    recording: Recording
    start: float

    def since(self, time: float) -> Recording:
        """The sound from a moment of the movie's clock on, silent until it begins."""
        rate = self.recording.rate
        late = round((self.start - time) * rate)
        silence = np.zeros(max(0, late), np.float32)
        return Recording(np.concatenate([silence, self.recording.samples[max(0, -late) :]]), rate)

    @property
    def end(self) -> float:
        """Seconds on the movie's clock at which the sound ends."""
        return self.start + len(self.recording.samples) / self.recording.rate


def read_movie_sound(path: Path) -> Recording:
    """The first sound track of a movie, mixed to mono by the mean of its channels; time 0 is the start of the movie.

    Needs PyAV (the package av, which brings FFmpeg). Raises EmoTalkError where it is missing, or the movie has no
    sound that can be read.
    """
    return read_sound_track(path).since(0.0)


def read_sound_track(path: Path) -> SoundTrack:
    """The first sound track of a movie, as read_movie_sound does, with the time of its first sample."""
    try:
        import av
    except ImportError as error:
        raise EmoTalkError(
            f"The sound of {path.name} needs the Python package av. Install it, or put the sound beside it as WAV."
        ) from error
    try:
        with av.open(str(path)) as movie:
            if not movie.streams.audio:
                raise EmoTalkError(f"{path.name} has no sound. Put the sound beside it as WAV, under the same name.")
            track = movie.streams.audio[0]
            rate = int(track.rate)
            floats = av.AudioResampler(format="fltp")
            start = None
            parts = []
            for frame in movie.decode(track):
                if start is None:
                    start = float(frame.time or 0.0)
                parts += [part.to_ndarray().mean(axis=0) for part in floats.resample(frame)]
            parts += [part.to_ndarray().mean(axis=0) for part in floats.resample(None)]
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise EmoTalkError(f"{path.name} cannot be read as a movie. Put its sound beside it as WAV.") from error
    samples = np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, np.float32)
    if len(samples) == 0:
        raise EmoTalkError(f"{path.name} has no sound. Put the sound beside it as WAV, under the same name.")
    return SoundTrack(Recording(samples, rate), start or 0.0)
