# SPDX-License-Identifier: GPL-3.0-or-later
"""Bakes of other strips are told where a strip is baked over them, so that their edits there are not lost."""

from __future__ import annotations

from dataclasses import replace

from ...animation.keys import FrameRange
from .actions import AnimatedSlot
from .bake_records import records, remember
from .baked_strip import BakedStrip
from .find_previous_bake import find_previous_bake


def cover_others(place: AnimatedSlot, strip: str, span: FrameRange) -> None:
    """Before a strip is baked onto these frames: bakes of other strips there remember the edits of their keys."""
    first, last = span
    for record in list(records(place)):
        begin, end = max(first, record.first), min(last, record.last)
        if record.origin.strip == strip or begin > end:
            continue
        bake = find_previous_bake(place, BakedStrip(record.origin, record.stretch))
        if bake is None or any(start <= begin and end <= stop for start, stop in record.covered):
            continue
        tracks = {
            track: replace(baked, edits=bake.edits(track)) if track in bake.curves else baked
            for track, baked in bake.record.tracks.items()
        }
        remember(place, replace(record, tracks=tracks, covered=(*record.covered, (begin, end))))
