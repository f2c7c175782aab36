# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bake remembers, in the .blend: what it wrote, and from what. Kept with the Action, so undo takes both back."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
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
    stored = action.get(PROPERTY)
    if not hasattr(stored, "items"):
        return
    for name, packed in stored.items():
        if name.startswith(f"{slot.handle}.") and isinstance(packed, bytes):
            record = unpack(packed)
            if record is not None:
                yield record


def find_record(action: bpy.types.Action, slot: bpy.types.ActionSlot, strip: str) -> Record | None:
    """The bake of the strip of this name."""
    packed = action.get(PROPERTY, {}).get(_name(slot, strip))
    return unpack(packed) if isinstance(packed, bytes) else None


def remember(action: bpy.types.Action, slot: bpy.types.ActionSlot, record: Record) -> None:
    """Store a bake in place of the one of the same strip."""
    if not hasattr(action.get(PROPERTY), "items"):
        action[PROPERTY] = {}
    forget(action, slot, record.origin.strip)  # Blender cuts bytes that take the place of others at the first zero.
    action[PROPERTY][_name(slot, record.origin.strip)] = pack(record)


def forget(action: bpy.types.Action, slot: bpy.types.ActionSlot, strip: str) -> None:
    """Let go of the bake of a strip, if there is one."""
    stored = action.get(PROPERTY, {})
    if _name(slot, strip) in stored:
        del stored[_name(slot, strip)]


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
        numbers = zlib.decompressobj().decompress(compressed, _LARGEST)
        tracks: dict[TrackId, Baked] = {}
        position = 0
        for track in header["tracks"]:
            arrays = {}
            for name, (kind, *shape) in track["arrays"].items():
                size = int(np.prod([int(length) for length in shape])) * _TYPES[kind].itemsize
                part = np.frombuffer(numbers[position : position + size], _TYPES[kind])
                arrays[name] = part.reshape(shape).copy()
                position += size
            tracks[str(track["path"]), int(track["index"])] = _baked(arrays)
        origin = Origin(*map(str, header["origin"]))
        first, last = map(int, header["frames"])
        covered = tuple((int(start), int(end)) for start, end in header["covered"])
        return Record(origin, Stretch(*map(float, header["stretch"])), first, last, tracks, covered)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, zlib.error):
        return None


def _baked(arrays: dict[str, npt.NDArray[Any]]) -> Baked:
    performed: Keys = arrays["performed"]
    edits = {name.removeprefix("edits."): array for name, array in arrays.items() if name.startswith("edits.")}
    return Baked(performed, arrays.get("written", performed), Edits.from_arrays(edits))


def _name(slot: bpy.types.ActionSlot, strip: str) -> str:
    """Names of custom properties may be 63 bytes long, and strips' names as long as that."""
    return f"{slot.handle}.{hashlib.blake2b(strip.encode(), digest_size=12).hexdigest()}"
