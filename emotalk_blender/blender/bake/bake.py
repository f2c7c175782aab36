# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves to keyframes on every target, with the artist's edits of the previous bake carried over."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from ...animation.edits import Baked, Fit, NewPerformance, carry_edits
from ...animation.keys import FrameArray, FrameRange, Keys
from ...animation.reduction import closure_frames, reduce_keys
from ...curves import BoolArray, Curves, FloatArray
from ...errors import EmoTalkError
from ...rig.mapping import Mapping
from ..face.targets import Target
from ..face.track import TrackId, track_id
from .actions import AnimatedSlot, all_curves, check_action, ensure_curve, ensure_slot, slot_of
from .bake_options import BakeOptions
from .bake_record import Record
from .bake_records import forget, is_newer, remember
from .baked_strip import BakedStrip
from .cover_others import cover_others
from .find_previous_bake import BakeTarget, find_bake_targets
from .keyframes import write_keys
from .previous_bake import PreviousBake

_UPPER_FACE = ("brow", "cheek", "eye", "nose")
"""How the names of those blendshapes begin that have no part in closing the lips."""


def bake(curves: Curves, strip: BakedStrip, onto: Sequence[BakeTarget], options: BakeOptions) -> FrameArray:
    """Write the curves as keyframes onto the tracks of the targets; returns the frames, int64 [frames].

    curves: weights over the seconds of the sound; second 0 plays at strip.stretch.start.
    onto: the targets with the last bake of this strip, as they are now. Targets without an Action share a new one,
    named after the strip, each with a slot of its own. A target that has an Action keeps it and its slot, so that what
    is animated elsewhere on its timeline stays.

    Keys of these tracks within the strip are replaced, as are those of the last bake of it, wherever they are now; the
    artist's edits of these are carried over. All other keys and f-curves stay as they are. Raises EmoTalkError for a
    stretch without a whole frame, for a linked Action, and for edits of keys that a later EmoTalk has written, before
    anything is changed.
    """
    stretch, targets = strip.stretch, [baked.target for baked in onto]
    frames = stretch.frames(curves.frames / curves.fps)
    if len(frames) == 0:
        raise EmoTalkError("The strip's sound plays between two frames. Make the strip longer.")
    for target in targets:
        check_action(target)
        if options.keep_edits:
            _check_memory(target, strip.origin.strip)
    values = curves.at(frames / stretch.fps - stretch.start)
    performed = _performed_keys(targets, frames, values, closure_frames(values), options.tolerance)
    written: set[AnimatedSlot | None] = set()
    for baked, keys in zip(onto, performed, strict=True):
        if slot_of(baked.target) in written:  # Two targets may share a slot: the first was baked there just now.
            (baked,) = find_bake_targets([baked.target], strip)
        _bake_target(strip, baked, keys, frames, options)
        written.add(slot_of(baked.target))
    return frames


def _check_memory(target: Target, strip: str) -> None:
    """Raise EmoTalkError where edits would be lost because this EmoTalk cannot tell which they are."""
    place = slot_of(target)
    if place and is_newer(place, strip):
        raise EmoTalkError(
            f'The keys of "{strip}" were made by a newer EmoTalk, and this one cannot tell your edits of them. '
            "Update EmoTalk, or choose Replace under Keys."
        )


def _performed_keys(
    targets: Sequence[Target],
    frames: FrameArray,
    values: FloatArray,
    closed: BoolArray,
    tolerance: float,
) -> list[list[Keys]]:
    """The keys of each track of each target without any edits.

    Found for all at once, and once for those that are alike: the meshes of a face move by the same curves.
    """
    columns: dict[bytes, int] = {}
    driven: list[FloatArray] = []
    kept: list[BoolArray] = []
    places: list[list[int]] = [[] for _ in targets]
    for target, own_places in zip(targets, places, strict=True):
        curves, shut = _driven(target, values, closed, tolerance)
        for curve, keeps in zip(curves.T, shut.T, strict=True):
            own_places.append(columns.setdefault(curve.tobytes() + keeps.tobytes(), len(driven)))
            if own_places[-1] == len(driven):
                driven.append(curve)
                kept.append(keeps)
    keys = reduce_keys(frames, np.stack(driven, axis=1), tolerance, np.stack(kept, axis=1))
    return [[keys[place] for place in own_places] for own_places in places]


def _driven(target: Target, values: FloatArray, closed: BoolArray, tolerance: float) -> tuple[FloatArray, BoolArray]:
    """The values of the tracks of a target, and the frames that get a key in any case: [frames, tracks]."""
    low, high = (np.array([getattr(track, name) for track in target.tracks]) for name in ("low", "high"))
    driven = np.clip(target.drive(values), low, high).astype(np.float32)
    moving = _moves_lips(target.mapping) & (np.ptp(driven, axis=0) > tolerance)  # one that is still needs no key there
    return driven, closed[:, None] & moving


def _moves_lips(mapping: Mapping) -> BoolArray:
    """Which targets of a mapping have a part in closing the lips: bool [targets]."""
    moving = {row.target for row in mapping.rows if not row.source.startswith(_UPPER_FACE)}
    return np.array([target in moving for target in mapping.targets])


def _bake_target(
    strip: BakedStrip,
    baked: BakeTarget,
    performed: Sequence[Keys],
    frames: FrameArray,
    options: BakeOptions,
) -> None:
    target, previous = baked.target, baked.previous
    place = ensure_slot(target, strip.origin.strip)
    known_as = previous.record.origin.strip if previous else strip.origin.strip
    span = (int(frames[0]), int(frames[-1]))
    cover_others(place, known_as, span)
    spans = [span, *(previous.spans if previous else [])]
    kept = previous if options.keep_edits else None
    tracks: dict[TrackId, Baked] = {}
    had_keys = any(curve.keyframe_points for curve in all_curves(place.action))
    for track, keys in zip(target.tracks, performed, strict=True):
        name = track_id(track)
        if kept is not None and name in kept.record.tracks and name not in kept.curves:
            tracks[name] = Baked(keys, keys)  # The artist has removed this f-curve: it stays so.
            continue
        curve = ensure_curve(place.action, target, track)
        if kept is None or name not in kept.record.tracks:
            tracks[name] = Baked(keys, write_keys(curve, spans, keys, leave_selected=not had_keys))
        else:
            new = NewPerformance(keys, frames, Fit(options.tolerance, track.low, track.high))
            tracks[name] = _write_with_edits(curve, spans, new, kept, name)
    if not had_keys:
        place.action.deselect_keys()
    if previous is not None:
        forget(place, known_as)
    remember(place, Record(strip.origin, strip.stretch, *span, tracks))


def _write_with_edits(
    curve: bpy.types.FCurve, spans: Sequence[FrameRange], new: NewPerformance, previous: PreviousBake, name: TrackId
) -> Baked:
    """Write the keys of one track, with the edits of its previous bake; returns what to remember of it."""
    edits = previous.edits_now(name)
    shown = None
    if previous.in_place:
        shown = Baked(previous.record.tracks[name].performed, previous.keys_now(name))
    on_curve: Keys | None = previous.keys_on_curve(name)

    def write(keys: Keys) -> Keys:
        nonlocal on_curve
        old, on_curve = on_curve, None
        return write_keys(curve, spans, keys, old=old)

    return carry_edits(edits, new, write, shown)
