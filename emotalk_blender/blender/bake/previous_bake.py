# SPDX-License-Identifier: GPL-3.0-or-later
"""The last bake of a strip: which it is, where its keys are now, and what the artist has done to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import bpy
import numpy as np

from ...animation.edits import Edits, find_edits, same_keys
from ...animation.keys import FrameArray, Keys, evaluate, shifted
from ...curves import FloatArray
from ..face.targets import Target
from ..face.track import TrackId
from ..sequencer.stretch import AudibleStretch
from .actions import AnimatedSlot, curves_by_track, slot_of
from .bake_record import Record
from .bake_records import find_record, records, remember
from .baked_strip import BakedStrip
from .keyframes import read_keys, within

FrameRange = tuple[int, int]
"""First and last frame."""


@dataclass(frozen=True)
class PreviousBake:
    """A bake that is remembered, and its f-curves as they are now. Holds bpy data: never kept longer than a click.

    place: where its f-curves are.
    stretch: of its strip, as it is now.
    moved: frames by which its keys lie later than it put them: the artist has moved them along with the strip.
    scale, shift: the frame f of the bake belongs to scale * f + shift now: another frame rate, a moved strip.
    """

    place: AnimatedSlot
    record: Record
    curves: Mapping[TrackId, bpy.types.FCurve]
    stretch: AudibleStretch
    moved: int
    scale: float
    shift: float
    _on_curve: dict[TrackId, Keys] = field(default_factory=dict, compare=False, repr=False)
    _read: dict[TrackId, Keys] = field(default_factory=dict, compare=False, repr=False)

    @property
    def in_place(self) -> bool:
        """Whether all keys are where they belong, and no other strip was baked over them."""
        return self.scale == 1 and self.shift == 0 and not self.record.covered

    @property
    def spans(self) -> list[FrameRange]:
        """The frames on which its keys are now, without those that another strip was baked over."""
        spans = [(self.record.first, self.record.last)]
        for first, last in self.record.covered:
            left = [(start, min(end, first - 1)) for start, end in spans]
            right = [(max(start, last + 1), end) for start, end in spans]
            spans = [(start, end) for start, end in left + right if start <= end]
        return [(start + self.moved, end + self.moved) for start, end in spans]

    def on_curve(self, track: TrackId) -> Keys:
        """All keys of the f-curve of a track; read at the first call."""
        if track not in self._on_curve:
            self._on_curve[track] = read_keys(self.curves[track])
        return self._on_curve[track]

    def current(self, track: TrackId) -> Keys:
        """The keys of a track within the bake, on the frames of the bake; read at the first call."""
        if track not in self._read:
            keys = self.on_curve(track)
            span = (self.record.first + self.moved, self.record.last + self.moved)
            self._read[track] = shifted(keys[within(keys, [span])], -self.moved)
        return self._read[track]

    def own(self, track: TrackId) -> Keys:
        """As current(), but with what this bake wrote where another strip was baked over it."""
        keys, frames = self.current(track), np.arange(self.record.first, self.record.last + 1)
        for span in self.record.covered:
            keys, _ = _as_written(
                span, self.record.tracks[track].written, keys, frames, np.zeros(len(frames), np.float32)
            )
        return keys

    def edits(self, track: TrackId) -> Edits:
        """What the artist has done to a track up to now, on the frames of the bake."""
        baked, current = self.record.tracks[track], self.current(track)
        if same_keys(current, baked.written):
            return baked.edits
        frames = np.arange(self.record.first, self.record.last + 1)
        shown = _shown(self.curves[track], frames + self.moved)
        for span in self.record.covered:
            current, shown = _as_written(span, baked.written, current, frames, shown)
        return find_edits(baked, current, frames, shown)

    def edits_now(self, track: TrackId) -> Edits:
        """As edits(), on the scene frames where the edits belong now."""
        edits = self.edits(track)
        if self.scale != 1:
            edits = edits.rescaled(0.0, self.scale)
        return edits.shifted(self.shift) if self.shift else edits


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


def _as_written(
    span: FrameRange, written: Keys, current: Keys, frames: FrameArray, shown: FloatArray
) -> tuple[Keys, FloatArray]:
    """The keys and the curve with what was written in place of what another strip has put there since."""
    if len(written) == 0:
        return current, shown
    key_frames = written["co"][:, 0]
    # Up to the nearest keys around: between these the curve is no longer what was written.
    before, after = key_frames[key_frames < span[0]], key_frames[key_frames > span[1]]
    first = before[-1] if len(before) else frames[0]
    last = after[0] if len(after) else frames[-1]
    inside, keys_inside = (frames >= first) & (frames <= last), within(written, [(first, last)])
    current = np.concatenate([current[~within(current, [(first, last)])], written[keys_inside]])
    shown = shown.copy()
    shown[inside] = evaluate(written, frames[inside])
    return current[np.argsort(current["co"][:, 0], kind="stable")], shown


def _shown(curve: bpy.types.FCurve, frames: FrameArray) -> FloatArray:
    """The curve as its keys draw it, without modifiers: [frames].

    Nothing is muted for that: a panel asks while it is drawn, and then Blender lets nobody change anything.
    """
    if any(not modifier.mute for modifier in curve.modifiers) and len(curve.keyframe_points) > 0:
        return evaluate(read_keys(curve), frames)
    return np.array([curve.evaluate(frame) for frame in frames.tolist()], np.float32)
