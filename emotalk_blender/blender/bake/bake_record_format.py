# SPDX-License-Identifier: GPL-3.0-or-later
"""A record of a bake as bytes, and back: a line of JSON, then the numbers.

The keys of all curves are one table with a column for each of their numbers. A column that is the same all the way
down, as most attributes of generated keys are, is one number in the JSON; one that repeats another is named as that.
So nothing is compressed: of a long bake that took half of the time.
"""

from __future__ import annotations

import json
import math
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from ...animation.edits import Baked, Edits, keys_from_words, keys_to_words, same_keys
from ...animation.keys import KEY, Keys
from ..sequencer.stretch import AudibleStretch
from .bake_record import Origin, Record, may_be

VERSION = 2
"""The version that is written. Version 1 had an array for each curve, all compressed; it is still read."""

_LARGEST = 1 << 30
"""The most bytes that a record may unpack to: one with more is none of ours."""

_TYPES = {name: np.dtype(name) for name in ("<f4", "<f8", "<i4", "<i8", "|b1", "|i1", "|u1")} | {"key": KEY}
_WORDS = KEY.itemsize // 4

_Words = npt.NDArray[np.int32]


def pack(record: Record) -> bytes:
    """The bytes of a record."""
    keys: list[Keys] = []
    numbers: list[bytes] = []
    tracks = []
    for (path, index), baked in record.tracks.items():
        own = [baked.performed] if same_keys(baked.written, baked.performed) else [baked.performed, baked.written]
        keys += own
        shapes = {}
        for name, array in baked.edits.to_arrays().items():
            shapes[name] = [array.dtype.str, *array.shape]
            numbers.append(np.ascontiguousarray(array).tobytes())
        tracks.append({"path": path, "index": index, "keys": [len(group) for group in own], "edits": shapes})
    columns, table = _pack_table(keys)
    stretch, origin = record.stretch, record.origin
    header = {
        "version": VERSION,
        "origin": [origin.strip, origin.sound, origin.model, origin.settings],
        "stretch": [stretch.start, stretch.duration, stretch.file_start, stretch.fps],
        "frames": [record.first, record.last],
        "covered": record.covered,
        "columns": columns,
        "tracks": tracks,
    }
    return b"".join([json.dumps(header).encode(), b"\n", *table, *numbers])


def made_by_later(packed: bytes) -> bool:
    """Whether a later EmoTalk has packed this, in a way that this one cannot read."""
    try:
        version = json.loads(packed.partition(b"\n")[0])["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return isinstance(version, int) and version > VERSION


def unpack(packed: bytes) -> Record | None:
    """The record that `pack` packed; None for anything else, for a .blend may come from anywhere."""
    try:
        line, _, numbers = packed.partition(b"\n")
        header = json.loads(line)
        tracks = {1: _tracks_of_version_1, VERSION: _tracks}[header["version"]](header, numbers)
        origin = Origin(*map(str, header["origin"]))
        first, last = map(int, header["frames"])
        covered = tuple((int(start), int(end)) for start, end in header["covered"])
        record = Record(origin, AudibleStretch(*map(float, header["stretch"])), first, last, tracks, covered)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError, zlib.error):
        return None
    return record if may_be(record) else None


def _tracks(header: dict[str, Any], numbers: bytes) -> dict[tuple[str, int], Baked]:
    """Track -> what was written there. Raises ValueError, or what reading JSON of another shape raises."""
    reader = _Numbers(numbers)
    table = _unpack_table(header["columns"], sum(sum(track["keys"]) for track in header["tracks"]), reader)
    tracks = {}
    row = 0
    for track in header["tracks"]:
        keys = []
        for count in track["keys"]:
            keys.append(_of_rows(table[:, row : row + count], count))
            row += count
        performed, *written = keys
        edits = {name: reader.array(kind, shape) for name, (kind, *shape) in track["edits"].items()}
        baked = Baked(performed, written[0] if written else performed, Edits.from_arrays(edits))
        tracks[str(track["path"]), int(track["index"])] = baked
    reader.check_end()
    return tracks


def _tracks_of_version_1(header: dict[str, Any], compressed: bytes) -> dict[tuple[str, int], Baked]:
    """Track -> what was written there, from a record of version 1. Raises as _tracks does."""
    stream = zlib.decompressobj()
    reader = _Numbers(stream.decompress(compressed, _LARGEST))
    if not stream.eof:
        raise ValueError("cut off, or too large")
    tracks = {}
    for track in header["tracks"]:
        arrays = {name: reader.array(kind, shape) for name, (kind, *shape) in track["arrays"].items()}
        edits = {name.removeprefix("edits."): array for name, array in arrays.items() if name.startswith("edits.")}
        baked = Baked(arrays["performed"], arrays.get("written", arrays["performed"]), Edits.from_arrays(edits))
        tracks[str(track["path"]), int(track["index"])] = baked
    reader.check_end()
    return tracks


class _Numbers:
    """A reader of arrays that lie in bytes, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def array(self, kind: str, shape: list[int]) -> npt.NDArray[Any]:
        """The next array. Raises ValueError, KeyError or TypeError for a type or shape that cannot be."""
        if any(length < 0 for length in shape):
            raise ValueError("an array cannot be shorter than nothing")
        size = math.prod(shape) * _TYPES[kind].itemsize
        data = self._data[self._position : self._position + size]
        self._position += size
        return np.frombuffer(data, _TYPES[kind]).reshape(shape)

    def check_end(self) -> None:
        """Raise ValueError where bytes are left over, or were missing."""
        if self._position != len(self._data):
            raise ValueError("too few numbers, or too many")


def _pack_table(keys: list[Keys]) -> tuple[list[list[Any]], list[bytes]]:
    """What the JSON says of each column of the table of all keys, and the bytes of the columns that are kept whole."""
    table: _Words = np.empty((_WORDS, sum(map(len, keys))), "<i4")
    row = 0
    for group in keys:
        table[:, row : row + len(group)] = keys_to_words(group).T
        row += len(group)
    columns: list[list[Any]] = []
    places: dict[bytes, int] = {}
    for place, column in enumerate(table):
        if len(column) and (column == column[0]).all():
            columns.append(["each", int(column[0])])
            continue
        data = column.tobytes()
        first = places.setdefault(data, place)
        columns.append(["numbers"] if first == place else ["as", first])
    return columns, list(places)


def _unpack_table(columns: list[list[Any]], rows: int, reader: _Numbers) -> _Words:
    """The table of all keys: [words, rows]. Raises ValueError for columns that make no table."""
    if not 0 <= rows * KEY.itemsize <= _LARGEST or len(columns) != _WORDS:
        raise ValueError("no table of keys")
    table: _Words = np.empty((_WORDS, rows), "<i4")
    for place, (kind, *argument) in enumerate(columns):
        if kind == "as" and not 0 <= argument[0] < place:
            raise ValueError("a column that repeats one that is not there yet")
        if kind == "each":
            table[place] = argument[0]
        elif kind == "as":
            table[place] = table[argument[0]]
        else:
            table[place] = reader.array("<i4", [rows])
    return table


def _of_rows(table: _Words, count: int) -> Keys:
    """The keys in `count` rows of the table, read-only. Raises ValueError where the table has fewer."""
    if table.shape[1] != count:
        raise ValueError("fewer keys than the table has")
    keys = keys_from_words(table.T)
    keys.flags.writeable = False
    return keys
