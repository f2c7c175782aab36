# SPDX-License-Identifier: GPL-3.0-or-later
"""Blinks that the artist has made among the keys of a bake: no generated one may come on top of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from ...animation.blinks import APART, BLINK_BEGINS, BLINK_SHUTS, LENGTH, TimeRange
from ...animation.keys import evaluate
from ..face.targets import Target
from ..face.track import TrackId, track_id
from ..sequencer.stretch import AudibleStretch
from .actions import slot_of
from .bake_record import Origin
from .previous_bake import PreviousBake, find_previous_bake

_NEAR = LENGTH + APART
"""Seconds within which a generated blink would make room for one of the artist's."""


def own_blinks(
    targets: Sequence[Target], origin: Origin, stretch: AudibleStretch, strips: Collection[str] = ()
) -> tuple[TimeRange, ...]:
    """When they begin and end, in seconds of the sound. They are edits that close the lids, on any of the targets.

    A generated blink that was edited is none: it stays in the performance, since the edit tells how it differs from it.
    strips: the names of all strips, as find_previous_bake has it.
    """
    spans: list[TimeRange] = []
    for target in targets:
        place = slot_of(target)
        earlier = find_previous_bake(*place, origin, stretch, strips) if place else None
        if earlier is None:
            continue
        lids = {row.target for row in target.mapping.rows if row.source.startswith("eyeBlink")}
        for name, track in zip(target.mapping.targets, target.tracks, strict=True):
            if name in lids and track_id(track) in earlier.record.tracks and track_id(track) in earlier.curves:
                spans += _added(earlier, track_id(track), stretch)
    return tuple(spans)


def _added(earlier: PreviousBake, track: TrackId, stretch: AudibleStretch) -> list[TimeRange]:
    """The stretches in which edits close the lids by as much as a blink does, with no generated blink near them."""
    edits, spans = earlier.edits_now(track), []
    for first, last in edits.spans():
        frames = np.arange(np.floor(first), np.ceil(last) + 1)
        closing = edits.at(frames)
        if closing.max() > BLINK_SHUTS:
            there = frames[closing > BLINK_BEGINS]
            if not _blinked(earlier, track, there[0] - _NEAR * stretch.fps, there[-1] + _NEAR * stretch.fps):
                spans.append((there[0] / stretch.fps - stretch.start, (there[-1] + 1) / stretch.fps - stretch.start))
    return spans


def _blinked(earlier: PreviousBake, track: TrackId, first: float, last: float) -> bool:
    """Whether the performance that was edited shuts the lids between two frames of the scene, as it is now."""
    frames = (np.arange(np.floor(first), np.ceil(last) + 1) - earlier.shift) / earlier.scale
    return bool(evaluate(earlier.record.tracks[track].performed, frames).max() > BLINK_SHUTS)
