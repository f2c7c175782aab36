# SPDX-License-Identifier: GPL-3.0-or-later
"""Films: their pictures one after the other, upright, and their sound, both on one clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import EmoTalkError

FILMS = (".mov", ".mp4", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".mts", ".m2ts", ".ts", ".wmv", ".3gp")
"""Endings of films, in a folder."""

FASTEST = 61.0
"""Pictures a second; of a faster film some are left out."""

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Picture:
    """One picture of a film: seconds on the film's clock, and its colors, uint8 [height, width, 3], red first."""

    time: float
    colors: Image


def check_film(path: Path) -> float:
    """Seconds that a film lasts, as it says (0 where it does not).

    Raises EmoTalkError where it is no film, or has no pictures or no sound.
    """
    with _opened(path) as movie:
        track = _pictures_of(movie, path)
        if not movie.streams.audio:
            raise EmoTalkError(f"{path.name} has no sound, so there is nothing to hear. Film it again with sound.")
        return float(track.duration * track.time_base if track.duration else (movie.duration or 0) / 1e6)


def pictures(path: Path, since: float = -np.inf) -> Iterator[Picture]:
    """The pictures of a film that come after `since` (seconds), turned as the phone was held, at most 60 a second.

    Pictures of phones have times of their own; nothing is assumed of the distance between them. Raises EmoTalkError
    where the file is no film, has no pictures, or is damaged.
    """
    av = _av(path)
    last = since
    try:
        with _opened(path) as movie:
            track = _pictures_of(movie, path)
            track.thread_type = "AUTO"
            for frame in movie.decode(track):
                if frame.time is None or frame.time < last + (1 / FASTEST if last > since else 1e-6):
                    continue
                last = float(frame.time)
                yield Picture(last, _upright(frame))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise EmoTalkError(f"{path.name} is damaged: its pictures cannot be read to the end. Copy it anew.") from error


def _upright(frame: Any) -> Image:
    """The colors of a decoded picture, turned by what the file says of how the camera was held."""
    colors = frame.to_ndarray(format="rgb24")
    return np.ascontiguousarray(np.rot90(colors, round(frame.rotation / 90) % 4))


def _opened(path: Path) -> Any:
    """The file as PyAV opens it."""
    av = _av(path)
    try:
        return av.open(str(path))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise EmoTalkError(
            f"{path.name} cannot be read as a film. Choose another file, or convert it to MP4."
        ) from error


def _pictures_of(movie: Any, path: Path) -> Any:
    """The first track of moving pictures; the picture on a song's cover is none."""
    cover = 0x0400  # AV_DISPOSITION_ATTACHED_PIC
    tracks = [track for track in movie.streams.video if not int(track.disposition) & cover]
    if not tracks:
        raise EmoTalkError(f"{path.name} has no pictures, so there is no face to learn from. Choose a film.")
    return tracks[0]


def _av(path: Path) -> Any:
    try:
        import av
    except ImportError as error:
        raise EmoTalkError(f"Reading {path.name} needs the Python package av. Install the training extra.") from error
    return av
