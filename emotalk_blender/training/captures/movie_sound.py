# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound of a movie."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...errors import EmoTalkError
from ...inference.audio import Recording

MOVIES = (".mov", ".mp4", ".m4v", ".mkv", ".webm", ".avi")


def read_movie_sound(path: Path) -> Recording:
    """The first sound track of a movie, mixed to mono by the mean of its channels; time 0 is the start of the movie.

    Needs PyAV (the package av, which brings FFmpeg). Raises EmoTalkError where it is missing, or the movie has no
    sound that can be read.
    """
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
    samples = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if len(samples) == 0:
        raise EmoTalkError(f"{path.name} has no sound. Put the sound beside it as WAV, under the same name.")
    # Some movies start their sound a little late.
    late = np.zeros(max(0, round((start or 0.0) * rate)), np.float32)
    return Recording(np.concatenate([late, samples]).astype(np.float32), rate)
