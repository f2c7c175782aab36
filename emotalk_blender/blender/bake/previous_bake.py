# SPDX-License-Identifier: GPL-3.0-or-later
"""The last bake of a strip: where its keys are now, and what the artist has done to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import bpy
import numpy as np

from ...animation.edits import Edits, find_edits, same_keys
from ...animation.keys import FrameArray, FrameRange, Keys, evaluate, shifted
from ...curves import FloatArray
from ..face.track import TrackId
from ..sequencer.stretch import AudibleStretch
from .actions import AnimatedSlot
from .bake_record import Record
from .keyframes import read_keys, within


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

    def keys_on_curve(self, track: TrackId) -> Keys:
        """All keys of the f-curve of a track; read at the first call."""
        if track not in self._on_curve:
            self._on_curve[track] = read_keys(self.curves[track])
        return self._on_curve[track]

    def keys_now(self, track: TrackId) -> Keys:
        """The keys of a track within the bake, on the frames of the bake; read at the first call."""
        if track not in self._read:
            keys = self.keys_on_curve(track)
            span = (self.record.first + self.moved, self.record.last + self.moved)
            self._read[track] = shifted(keys[within(keys, [span])], -self.moved)
        return self._read[track]

    def own_keys(self, track: TrackId) -> Keys:
        """As keys_now(), but with what this bake wrote where another strip was baked over it."""
        keys, frames = self.keys_now(track), np.arange(self.record.first, self.record.last + 1)
        for span in self.record.covered:
            keys, _ = _as_written(
                span, self.record.tracks[track].written, keys, frames, np.zeros(len(frames), np.float32)
            )
        return keys

    def edits(self, track: TrackId) -> Edits:
        """What the artist has done to a track up to now, on the frames of the bake."""
        baked, current = self.record.tracks[track], self.keys_now(track)
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
