# SPDX-License-Identifier: GPL-3.0-or-later
"""The last bake of a strip is found, though strip or shape keys have new names by now, or its keys were moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import bpy
import numpy as np

from ..face.targets import Target
from ..face.track import TrackId
from ..sequencer.stretch import AudibleStretch
from .actions import AnimatedSlot, curves_by_track, slot_of
from .bake_record import Record
from .bake_records import find_record, records
from .baked_strip import BakedStrip
from .keyframes import read_keys
from .previous_bake import PreviousBake


@dataclass(frozen=True)
class BakeTarget:
    """What a strip is baked onto, and its last bake there. Holds bpy data: never kept longer than a click.

    previous: None where there is none, or the artist has removed all its f-curves.
    """

    target: Target
    previous: PreviousBake | None


def find_bake_targets(targets: Iterable[Target], strip: BakedStrip) -> list[BakeTarget]:
    """The targets, each with the last bake of the strip onto it."""
    places = [(target, slot_of(target)) for target in targets]
    return [BakeTarget(target, find_previous_bake(place, strip) if place else None) for target, place in places]


def find_previous_bake(place: AnimatedSlot, strip: BakedStrip) -> PreviousBake | None:
    """The last bake of a strip onto a slot; None where there is none, or the artist has removed all its f-curves.

    The bake of a strip that there is no more, with this very part of this sound, is that of this strip under its
    previous name.
    """
    stretch = strip.stretch
    record = find_record(place, strip.origin.strip) or _under_another_name(place, strip)
    curves = curves_by_track(place)
    if record is not None:
        record = _under_new_paths(record, curves)
    if record is None or not any(track in curves for track in record.tracks):
        return None
    scale = stretch.fps / record.stretch.fps
    shift = _sound_begins(stretch) - scale * _sound_begins(record.stretch)
    moved = 0
    if scale == 1:
        shift = round(shift)
        if shift and _keys_at(record, curves, shift) > _keys_at(record, curves, 0):
            moved = shift
    return PreviousBake(place, record, curves, stretch, moved, scale, shift)


def _under_another_name(place: AnimatedSlot, strip: BakedStrip) -> Record | None:
    for record in records(place) if strip.names else ():
        if record.origin.strip not in strip.names and _part(record) == _part(strip):
            return record
    return None


def _part(baked: Record | BakedStrip) -> tuple[str, float, float]:
    """Which part of which sound was baked."""
    return baked.origin.sound, baked.stretch.file_start, baked.stretch.duration


def _under_new_paths(record: Record, curves: Mapping[TrackId, bpy.types.FCurve]) -> Record:
    """The record with the data paths that its f-curves have now: a renamed shape key or bone takes its own along.

    An f-curve that is not known is that of a lost track if it has more than half of the keys that were written there.
    """
    lost = [track for track in record.tracks if track not in curves]
    unknown = {track: read_keys(curve)["co"] for track, curve in curves.items() if track not in record.tracks}
    now: dict[TrackId, TrackId] = {}
    for track in lost if unknown else ():
        written = {tuple(point) for point in record.tracks[track].written["co"].tolist()}
        same = {name: len(written & {tuple(point) for point in keys.tolist()}) for name, keys in unknown.items()}
        nearest = max(same, key=lambda name: same[name], default=None)
        if nearest is not None and 2 * same[nearest] > len(written):
            now[track] = nearest
            del unknown[nearest]
    return replace(record, tracks={now.get(track, track): baked for track, baked in record.tracks.items()})


def _sound_begins(stretch: AudibleStretch) -> float:
    """The scene frame at which the whole sound file would begin."""
    return (stretch.start - stretch.file_start) * stretch.fps


def _keys_at(record: Record, curves: Mapping[TrackId, bpy.types.FCurve], shift: int) -> int:
    """How many of the keys that a bake wrote are there, this many frames later than it put them."""
    found = 0
    for track, baked in record.tracks.items():
        if track in curves:
            frames = read_keys(curves[track])["co"][:, 0]
            found += int(np.isin(baked.written["co"][:, 0] + shift, frames).sum())
    return found
