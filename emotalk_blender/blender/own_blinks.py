# SPDX-License-Identifier: GPL-3.0-or-later
"""Blinks that the artist has made among the keys of a bake: no generated one may come on top of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..animation.blinks import BLINK_BEGINS, BLINK_SHUTS, Span
from ..animation.edits import Edits
from .actions import slot_of, track_id
from .earlier_bake import find_earlier
from .memory import Origin
from .strips import Stretch
from .targets import Target


def own_blinks(targets: Sequence[Target], origin: Origin, stretch: Stretch) -> tuple[Span, ...]:
    """When they begin and end, in seconds of the sound. They are edits that close the lids, on any of the targets."""
    spans: list[Span] = []
    for target in targets:
        place = slot_of(target)
        earlier = find_earlier(*place, origin, stretch) if place else None
        if earlier is None:
            continue
        lids = {row.target for row in target.mapping.rows if row.source.startswith("eyeBlink")}
        for name, track in zip(target.mapping.targets, target.tracks, strict=True):
            if name in lids and track_id(track) in earlier.record.tracks and track_id(track) in earlier.curves:
                spans += _closing(earlier.edits_now(track_id(track)), stretch)
    return tuple(spans)


def _closing(edits: Edits, stretch: Stretch) -> list[Span]:
    """The stretches in which edits close the lids by as much as a blink does."""
    spans = []
    for first, last in edits.spans():
        frames = np.arange(np.floor(first), np.ceil(last) + 1)
        closing = edits.at(frames)
        if closing.max() > BLINK_SHUTS:
            there = frames[closing > BLINK_BEGINS]
            spans.append((there[0] / stretch.fps - stretch.start, (there[-1] + 1) / stretch.fps - stretch.start))
    return spans
