# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of one bake: what it wrote, and from what."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...animation.edits import Baked
from ...animation.keys import KEY, Keys
from ..face.track import TrackId
from ..sequencer.stretch import AudibleStretch

FURTHEST = 1 << 21
"""Frames from 0 beyond which nothing of a bake can lie: Blender's own timeline ends at half of that."""


@dataclass(frozen=True)
class Origin:
    """What a performance was made of: the name of the strip, its sound file, the model, the settings in words."""

    strip: str
    sound: str = ""
    model: str = ""
    settings: str = ""


@dataclass(frozen=True)
class Record:
    """One bake of one strip onto one slot.

    stretch: of the strip, when it was baked.
    first, last: the scene frames that have, or had, its keys.
    tracks: what was written, by f-curve.
    covered: frames among these, first and last of each stretch, that another strip was baked over since.
    """

    origin: Origin
    stretch: AudibleStretch
    first: int
    last: int
    tracks: dict[TrackId, Baked]
    covered: tuple[tuple[int, int], ...] = ()


def may_be(record: Record) -> bool:
    """Whether a record could come from a bake: frames that Blender has, in order, and numbers that are finite."""
    stretch = record.stretch
    times = [stretch.start, stretch.duration, stretch.file_start, stretch.fps]
    return (
        all(math.isfinite(time) for time in times)
        and stretch.duration > 0
        and stretch.fps > 0
        and -FURTHEST < record.first <= record.last < FURTHEST
        and all(record.first <= first <= last <= record.last for first, last in record.covered)
        and all(_may_be_a_track(baked) for baked in record.tracks.values())
    )


def _may_be_a_track(baked: Baked) -> bool:
    edits = baked.edits
    numbers = (edits.offsets, edits.base, edits.slope, edits.deleted)
    ends = edits.stretches.ravel()
    return (
        len(baked.performed) > 0
        and all(_may_be_keys(keys) for keys in (baked.performed, baked.written, edits.keys))
        and all(bool(np.isfinite(array).all()) for array in numbers)
        and bool((np.abs(ends) < FURTHEST).all() and (np.diff(ends) >= 0).all())
        and abs(edits.start) < FURTHEST
        and 0 < edits.step < FURTHEST
    )


def _may_be_keys(keys: Keys) -> bool:
    if keys.dtype != KEY or keys.ndim != 1:
        return False
    points = keys["co"]
    return bool((np.abs(points[:, 0]) < FURTHEST).all() and (np.diff(points[:, 0]) >= 0).all()) and all(
        bool(np.isfinite(keys[name]).all()) for name in ("co", "handle_left", "handle_right")
    )
