# SPDX-License-Identifier: GPL-3.0-or-later
"""One number of a face that is animated, and the name that its f-curve goes by."""

from __future__ import annotations

from dataclasses import dataclass

TrackId = tuple[str, int]
"""Data path and array index of an f-curve."""


@dataclass(frozen=True)
class Track:
    """One number that is animated: the value of a shape key, a property, one axis of a bone.

    name: what the artist calls it.
    path, index: where an f-curve on the owner finds it; index -1 where it is no array.
    low, high: the range of its slider.
    rest: its value while the face is at rest.
    """

    name: str
    path: str
    index: int
    low: float
    high: float
    rest: float = 0.0


def track_id(track: Track) -> TrackId:
    """Data path and array index of the track's f-curve."""
    return track.path, max(track.index, 0)
