# SPDX-License-Identifier: GPL-3.0-or-later
"""Blinks that the artist has made among the keys of a bake: no generated one may come on top of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...animation.blinks import APART, BLINK_BEGINS, BLINK_SHUTS, LENGTH, TimeRange
from ...animation.keys import evaluate
from ..face.track import TrackId, track_id
from .find_previous_bake import BakeTarget
from .previous_bake import PreviousBake

_NEAR = LENGTH + APART
"""Seconds within which a generated blink would make room for one of the artist's."""


def artist_blinks(onto: Sequence[BakeTarget]) -> tuple[TimeRange, ...]:
    """Start and end of each blink that the artist has added, on any of the targets, in seconds of the sound.

    It is an edit that closes the lids. A generated blink that was edited is none: it stays in the performance, since
    the edit tells how it differs from it.
    """
    blinks: list[TimeRange] = []
    for baked in onto:
        target, previous = baked.target, baked.previous
        if previous is None:
            continue
        lids = {row.target for row in target.mapping.rows if row.source.startswith("eyeBlink")}
        for name, track in zip(target.mapping.targets, target.tracks, strict=True):
            if name in lids and track_id(track) in previous.record.tracks and track_id(track) in previous.curves:
                blinks += _added(previous, track_id(track))
    return tuple(blinks)


def _added(previous: PreviousBake, track: TrackId) -> list[TimeRange]:
    """Where edits close the lids by as much as a blink does, with no generated blink near, in seconds of the sound."""
    edits, stretch, blinks = previous.edits_now(track), previous.stretch, []
    for first, last in edits.spans():
        frames = np.arange(np.floor(first), np.ceil(last) + 1)
        closing = edits.at(frames)
        if closing.max() > BLINK_SHUTS:
            closed = frames[closing > BLINK_BEGINS]
            if not _blinked(previous, track, closed[0] - _NEAR * stretch.fps, closed[-1] + _NEAR * stretch.fps):
                blinks.append((closed[0] / stretch.fps - stretch.start, (closed[-1] + 1) / stretch.fps - stretch.start))
    return blinks


def _blinked(previous: PreviousBake, track: TrackId, first: float, last: float) -> bool:
    """Whether the performance that was edited shuts the lids between two frames of the scene, as it is now."""
    frames = (np.arange(np.floor(first), np.ceil(last) + 1) - previous.shift) / previous.scale
    return bool(evaluate(previous.record.tracks[track].performed, frames).max() > BLINK_SHUTS)
