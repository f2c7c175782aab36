# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves to keyframes on every target of a take, with the artist's edits of an earlier bake carried over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import bpy
import numpy as np
import numpy.typing as npt

from ...animation.edits import Baked, Fit, apply_edits
from ...animation.keys import Keys
from ...animation.reduction import closure_frames, reduce_keys
from ...curves import Curves, FloatArray
from ...errors import EmoTalkError
from ...rig.mapping import Mapping
from ..face.targets import Target
from ..face.track import TrackId, track_id
from ..sequencer.stretch import AudibleStretch
from .actions import all_curves, check_action, ensure_curve, ensure_slot, slot_of
from .bake_record import Origin, Record
from .bake_records import forget, is_newer, remember
from .keyframes import write_keys
from .previous_bake import FrameRange, PreviousBake, cover_others, find_previous_bake

_UPPER_FACE = ("brow", "cheek", "eye", "nose")
"""How the names of those blendshapes begin that have no part in closing the lips."""


@dataclass(frozen=True)
class BakeOptions:
    """How curves become keys.

    tolerance: how far the keys' curve may be from the performance on any frame; 0 puts a key on every frame.
    keep_edits: whether the artist's changes since the last bake of this strip are carried over.
    """

    tolerance: float = 0.01
    keep_edits: bool = True


def bake(
    curves: Curves,
    stretch: AudibleStretch,
    targets: Sequence[Target],
    origin: Origin,
    options: BakeOptions,
    strips: Collection[str] = (),
) -> npt.NDArray[np.int64]:
    """Write the curves as keyframes onto the tracks of the targets; returns the frames, int64 [frames].

    curves: weights over the seconds of the sound; second 0 plays at stretch.start.
    origin: what they were made of. Targets without an Action share a new one, named after the strip, each with a slot
    of its own. A target that has an Action keeps it and its slot, so that what is animated elsewhere on its timeline
    stays.
    strips: the names of all strips that there are, so that the bake of a strip is known again under a new name.

    Keys of these tracks within the strip are replaced, as are those of the last bake of it, wherever they are now; the
    artist's edits of these are carried over. All other keys and f-curves stay as they are. Raises EmoTalkError for a
    stretch without a whole frame, for a linked Action, and for edits of keys that a later EmoTalk has written, before
    anything is changed.
    """
    frames = stretch.frames(curves.frames / curves.fps)
    if len(frames) == 0:
        raise EmoTalkError("The strip's sound plays between two frames. Make the strip longer.")
    for target in targets:
        check_action(target)
        if options.keep_edits:
            _check_memory(target, origin.strip)
    values = curves.at(frames / stretch.fps - stretch.start)
    performed = _performed_keys(targets, frames, values, closure_frames(values), options.tolerance)
    for target, keys in zip(targets, performed, strict=True):
        _bake_target(target, keys, stretch, frames, origin, options, strips)
    return frames


def _check_memory(target: Target, strip: str) -> None:
    """Raise EmoTalkError where edits would be lost because this EmoTalk cannot tell which they are."""
    place = slot_of(target)
    if place and is_newer(*place, strip):
        raise EmoTalkError(
            f'The keys of "{strip}" were made by a newer EmoTalk, and this one cannot tell your edits of them. '
            "Update EmoTalk, or choose Replace under Keys."
        )


def _performed_keys(
    targets: Sequence[Target],
    frames: npt.NDArray[np.int64],
    values: FloatArray,
    closed: npt.NDArray[np.bool_],
    tolerance: float,
) -> list[list[Keys]]:
    """The keys of each track of each target without any edits.

    Found for all at once, and once for those that are alike: the meshes of a face move by the same curves.
    """
    columns: dict[bytes, int] = {}
    driven: list[FloatArray] = []
    kept: list[npt.NDArray[np.bool_]] = []
    places: list[list[int]] = [[] for _ in targets]
    for target, its_places in zip(targets, places, strict=True):
        curves, shut = _driven(target, values, closed, tolerance)
        for curve, keeps in zip(curves.T, shut.T, strict=True):
            its_places.append(columns.setdefault(curve.tobytes() + keeps.tobytes(), len(driven)))
            if its_places[-1] == len(driven):
                driven.append(curve)
                kept.append(keeps)
    keys = reduce_keys(frames, np.stack(driven, axis=1), tolerance, np.stack(kept, axis=1))
    return [[keys[place] for place in its_places] for its_places in places]


def _driven(
    target: Target, values: FloatArray, closed: npt.NDArray[np.bool_], tolerance: float
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """The values of the tracks of a target, and the frames that get a key in any case: [frames, tracks]."""
    low, high = (np.array([getattr(track, name) for track in target.tracks]) for name in ("low", "high"))
    driven = np.clip(target.drive(values), low, high).astype(np.float32)
    moving = _moves_lips(target.mapping) & (np.ptp(driven, axis=0) > tolerance)  # one that is still needs no key there
    return driven, closed[:, None] & moving


def _moves_lips(mapping: Mapping) -> npt.NDArray[np.bool_]:
    """Which targets of a mapping have a part in closing the lips: bool [targets]."""
    moving = {row.target for row in mapping.rows if not row.source.startswith(_UPPER_FACE)}
    return np.array([target in moving for target in mapping.targets])


def _bake_target(
    target: Target,
    performed: Sequence[Keys],
    stretch: AudibleStretch,
    frames: npt.NDArray[np.int64],
    origin: Origin,
    options: BakeOptions,
    strips: Collection[str],
) -> None:
    action, slot = ensure_slot(target, origin.strip)
    earlier = find_previous_bake(action, slot, origin, stretch, strips)
    span = (int(frames[0]), int(frames[-1]))
    cover_others(action, slot, earlier.record.origin.strip if earlier else origin.strip, span)
    spans = [span, *(earlier.spans if earlier else [])]
    kept = earlier if options.keep_edits else None
    tracks: dict[TrackId, Baked] = {}
    had_keys = any(curve.keyframe_points for curve in all_curves(action))
    for track, keys in zip(target.tracks, performed, strict=True):
        name = track_id(track)
        if kept is not None and name in kept.record.tracks and name not in kept.curves:
            tracks[name] = Baked(keys, keys)  # The artist has removed this f-curve: it stays so.
            continue
        curve = ensure_curve(action, target, track)
        fit = Fit(options.tolerance, track.low, track.high)
        before = kept if kept is not None and name in kept.record.tracks else None
        if before is None:
            tracks[name] = Baked(keys, write_keys(curve, spans, keys, leave_selected=not had_keys))
        else:
            tracks[name] = _write_with_edits(curve, spans, keys, frames, fit, before, name)
    if not had_keys:
        action.deselect_keys()
    if earlier is not None:
        forget(action, slot, earlier.record.origin.strip)
    remember(action, slot, Record(origin, stretch, *span, tracks))


def _write_with_edits(
    curve: bpy.types.FCurve,
    spans: Sequence[FrameRange],
    performed: Keys,
    frames: npt.NDArray[np.int64],
    fit: Fit,
    earlier: PreviousBake,
    name: TrackId,
) -> Baked:
    """Write the keys of one track, with the edits of its earlier bake; returns what to remember of it."""
    edits = earlier.edits_now(name)
    shown = None
    if earlier.in_place:
        shown = Baked(earlier.record.tracks[name].performed, earlier.current(name))
    there: Keys | None = earlier.on_curve(name)

    def settle(some: Keys) -> Keys:
        nonlocal there
        there = None
        return write_keys(curve, spans, some)

    keys = apply_edits(edits, performed, frames, fit, settle, shown)
    return Baked(performed, write_keys(curve, spans, keys, old=there), edits)
