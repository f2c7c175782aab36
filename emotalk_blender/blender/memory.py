# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bake remembers, in the .blend: what it wrote, and from what. Kept with the Action, so undo takes both back."""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from ..animation.edits import Baked, Edits
from ..animation.keys import KEY, Keys
from .actions import TrackId
from .strips import Stretch

PROPERTY = "emotalk_bakes"
"""Custom property of an Action: its bakes, each as bytes, by slot and strip."""

_VERSION = 1
_LARGEST = 1 << 30
"""Bytes that a memory may unfold to: more is no memory of ours."""

_FURTHEST = 1 << 21
"""Frames from 0 beyond which nothing of a bake can lie: Blender's own timeline ends at half of that."""

_TYPES = {name: np.dtype(name) for name in ("<f4", "<f8", "<i4", "<i8", "|b1", "|i1", "|u1")} | {"key": KEY}


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
    stretch: Stretch
    first: int
    last: int
    tracks: dict[TrackId, Baked]
    covered: tuple[tuple[int, int], ...] = ()


def records(action: bpy.types.Action, slot: bpy.types.ActionSlot) -> Iterator[Record]:
    """All bakes that are remembered for a slot; what cannot be read is left out."""
    for name, packed in _stored(action).items():
        if name.startswith(f"{slot.handle}.") and isinstance(packed, bytes):
            record = unpack(packed)
            if record is not None:
                yield record


def find_record(action: bpy.types.Action, slot: bpy.types.ActionSlot, strip: str) -> Record | None:
    """The bake of the strip of this name."""
    packed = _stored(action).get(_name(slot, strip))
    return unpack(packed) if isinstance(packed, bytes) else None


def is_newer(action: bpy.types.Action, slot: bpy.types.ActionSlot, strip: str) -> bool:
    """Whether a later EmoTalk has remembered the bake of this strip, in a way that this one cannot read."""
    packed = _stored(action).get(_name(slot, strip))
    try:
        version = json.loads(packed.partition(b"\n")[0])["version"] if isinstance(packed, bytes) else 0
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return isinstance(version, int) and version > _VERSION


def remember(action: bpy.types.Action, slot: bpy.types.ActionSlot, record: Record) -> None:
    """Store a bake in place of the one of the same strip."""
    if not hasattr(action.get(PROPERTY), "items"):
        action[PROPERTY] = {}
    forget(action, slot, record.origin.strip)  # Blender cuts bytes that take the place of others at the first zero.
    action[PROPERTY][_name(slot, record.origin.strip)] = pack(record)
    action.update_tag()  # What a panel shows of it may change although no key does.


def forget(action: bpy.types.Action, slot: bpy.types.ActionSlot, strip: str) -> None:
    """Let go of the bake of a strip, if there is one."""
    if _name(slot, strip) in _stored(action):
        del action[PROPERTY][_name(slot, strip)]


def _stored(action: bpy.types.Action) -> Mapping[str, Any]:
    """All that is remembered with an Action; nothing where somebody else's property has the name."""
    stored = action.get(PROPERTY)
    return stored if hasattr(stored, "items") else {}


def pack(record: Record) -> bytes:
    """A line of JSON, then the numbers, compressed."""
    numbers: list[bytes] = []
    tracks = []
    for (path, index), baked in record.tracks.items():
        arrays: dict[str, npt.NDArray[Any]] = {"performed": baked.performed}
        if baked.written.tobytes() != baked.performed.tobytes():
            arrays["written"] = baked.written
        arrays |= {f"edits.{name}": array for name, array in baked.edits.to_arrays().items()}
        shapes = {}
        for name, array in arrays.items():
            shapes[name] = ["key" if array.dtype == KEY else array.dtype.str, *array.shape]
            numbers.append(np.ascontiguousarray(array).tobytes())
        tracks.append({"path": path, "index": index, "arrays": shapes})
    stretch, origin = record.stretch, record.origin
    header = {
        "version": _VERSION,
        "origin": [origin.strip, origin.sound, origin.model, origin.settings],
        "stretch": [stretch.start, stretch.duration, stretch.file_start, stretch.fps],
        "frames": [record.first, record.last],
        "covered": record.covered,
        "tracks": tracks,
    }
    return json.dumps(header).encode() + b"\n" + zlib.compress(b"".join(numbers), 1)


@lru_cache(maxsize=16)
def unpack(packed: bytes) -> Record | None:
    """The record that `pack` packed; None for anything else, for a .blend may come from anywhere.

    The last ones are kept, because a panel asks at every redraw.
    """
    try:
        line, _, compressed = packed.partition(b"\n")
        header = json.loads(line)
        if header["version"] != _VERSION:
            return None
        stream = zlib.decompressobj()
        numbers = stream.decompress(compressed, _LARGEST)
        if not stream.eof:
            return None
        tracks: dict[TrackId, Baked] = {}
        position = 0
        for track in header["tracks"]:
            arrays = {}
            for name, (kind, *shape) in track["arrays"].items():
                if any(length < 0 for length in shape):
                    return None
                size = math.prod(shape) * _TYPES[kind].itemsize
                arrays[name] = np.frombuffer(numbers[position : position + size], _TYPES[kind]).reshape(shape)
                position += size
            tracks[str(track["path"]), int(track["index"])] = _baked(arrays)
        origin = Origin(*map(str, header["origin"]))
        first, last = map(int, header["frames"])
        covered = tuple((int(start), int(end)) for start, end in header["covered"])
        record = Record(origin, Stretch(*map(float, header["stretch"])), first, last, tracks, covered)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError, zlib.error):
        return None
    return record if position == len(numbers) and _holds(record) else None


def _baked(arrays: dict[str, npt.NDArray[Any]]) -> Baked:
    performed: Keys = arrays["performed"]
    edits = {name.removeprefix("edits."): array for name, array in arrays.items() if name.startswith("edits.")}
    return Baked(performed, arrays.get("written", performed), Edits.from_arrays(edits))


def _holds(record: Record) -> bool:
    """Whether a record can be one of a bake: frames that Blender has, in order, and numbers that are finite."""
    stretch = record.stretch
    times = [stretch.start, stretch.duration, stretch.file_start, stretch.fps]
    return (
        all(math.isfinite(time) for time in times)
        and stretch.duration > 0
        and stretch.fps > 0
        and -_FURTHEST < record.first <= record.last < _FURTHEST
        and all(record.first <= first <= last <= record.last for first, last in record.covered)
        and all(_holds_track(baked) for baked in record.tracks.values())
    )


def _holds_track(baked: Baked) -> bool:
    """The same of one track."""
    edits = baked.edits
    numbers = (edits.offsets, edits.base, edits.slope, edits.deleted)
    ends = edits.stretches.ravel()
    return (
        len(baked.performed) > 0
        and all(_holds_keys(keys) for keys in (baked.performed, baked.written, edits.keys))
        and all(bool(np.isfinite(array).all()) for array in numbers)
        and bool((np.abs(ends) < _FURTHEST).all() and (np.diff(ends) >= 0).all())
        and abs(edits.start) < _FURTHEST
        and 0 < edits.step < _FURTHEST
    )


def _holds_keys(keys: Keys) -> bool:
    if keys.dtype != KEY or keys.ndim != 1:
        return False
    points = keys["co"]
    return bool((np.abs(points[:, 0]) < _FURTHEST).all() and (np.diff(points[:, 0]) >= 0).all()) and all(
        bool(np.isfinite(keys[name]).all()) for name in ("co", "handle_left", "handle_right")
    )


def _name(slot: bpy.types.ActionSlot, strip: str) -> str:
    """Names of custom properties may be 63 bytes long, and strips' names as long as that."""
    return f"{slot.handle}.{hashlib.blake2b(strip.encode(), digest_size=12).hexdigest()}"
