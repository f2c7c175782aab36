# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a bake is read as it was written; anything else in its place is passed over and does no harm."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.animation.edits import Baked, Edits, find_edits
from emotalk_blender.animation.keys import KEY, HandleType, Interpolation, Keys, KeyType, dense_keys, evaluate, new_keys
from emotalk_blender.blender.bake import bake_records
from emotalk_blender.blender.bake.actions import AnimatedSlot
from emotalk_blender.blender.bake.bake_record import Origin, Record
from emotalk_blender.blender.bake.bake_record_format import VERSION, pack, unpack
from emotalk_blender.blender.bake.bake_records import PROPERTY, find_record, forget, remember
from emotalk_blender.blender.bake.baked_strip import BakedStrip
from emotalk_blender.blender.sequencer.stretch import AudibleStretch
from emotalk_blender.errors import EmoTalkError

from ...animation.artist import carried
from ...curve_builders import smooth_curves
from ..builders import all_keys, curve_of, make_face, stretch_at
from .baking import bake_onto, place_of

ORIGIN = Origin("Wörter, 第1話", "//sound/speech.wav", "/models/own.safetensors", '{"emotion": "angry"}')
SPEECH = Origin("Speech", "//speech.wav")


@st.composite
def some_keys(draw: st.DrawFn, least: int = 0) -> Keys:
    """Keys with any attributes, on frames that may be fractions."""
    frames = sorted(draw(st.sets(st.integers(-4000, 4000), min_size=least, max_size=5)))
    keys = new_keys(np.array(frames) / 4, np.zeros(len(frames)), HandleType.FREE)
    numbers = st.floats(-1e3, 1e3, width=32)
    for key in keys:
        key["co"][1] = draw(numbers)
        for side in ("handle_left", "handle_right"):
            key[side][:] = [draw(numbers), draw(numbers)]
        key["interpolation"] = draw(st.sampled_from(Interpolation))
        key["type"] = draw(st.sampled_from(KeyType))
        key["handle_left_type"] = draw(st.sampled_from(HandleType))
        key["back"] = draw(numbers)
    return keys


@st.composite
def some_baked(draw: st.DrawFn) -> Baked:
    """A track with edits, found as an artist's are: a key changed, one added, one deleted; or without any."""
    performed = draw(some_keys(least=1))
    if draw(st.booleans()):
        return Baked(performed, draw(st.one_of(st.just(performed), some_keys())))
    frames = np.arange(np.floor(performed["co"][0, 0]), np.ceil(performed["co"][-1, 0]) + 1).astype(np.int64)
    current = np.concatenate([performed[1:], draw(some_keys())])
    current = current[np.argsort(current["co"][:, 0], kind="stable")]
    shown = evaluate(current, frames) if len(current) else np.zeros(len(frames), np.float32)
    edits = find_edits(Baked(performed, performed), current, frames, np.nan_to_num(shown))
    return Baked(performed, current, edits.shifted(draw(st.floats(-50, 50))).rescaled(0.0, 1.25))


@st.composite
def some_records(draw: st.DrawFn) -> Record:
    first = draw(st.integers(-1000, 1000))
    last = first + draw(st.integers(0, 500))
    ends = st.tuples(st.integers(first, last), st.integers(first, last)).map(lambda pair: (min(pair), max(pair)))
    stretch = AudibleStretch(draw(st.floats(-99, 99)), draw(st.floats(0.01, 99)), draw(st.floats(0, 99)), 24 / 1.001)
    names = st.tuples(st.text(max_size=9), st.integers(0, 3))
    tracks = draw(st.dictionaries(names, some_baked(), max_size=2))
    covered = tuple(draw(st.lists(ends, max_size=2)))
    return Record(replace(ORIGIN, strip=draw(st.text(max_size=9))), stretch, first, last, tracks, covered)


def numbers_of(record: Record) -> Iterator[tuple[str, np.ndarray]]:
    """All arrays of a record."""
    for baked in record.tracks.values():
        yield "performed", baked.performed
        yield "written", baked.written
        yield from baked.edits.to_arrays().items()


def assert_same(one: Record, other: Record) -> None:
    for name in ("origin", "stretch", "first", "last", "covered"):
        assert getattr(one, name) == getattr(other, name)
    assert list(one.tracks) == list(other.tracks)
    for (name, mine), (_, theirs) in zip(numbers_of(one), numbers_of(other), strict=True):
        assert (mine.dtype, mine.shape, mine.tobytes()) == (theirs.dtype, theirs.shape, theirs.tobytes()), name


@settings(max_examples=30, deadline=None)
@given(record=some_records())
def test_a_record_comes_back_bit_for_bit(record: Record) -> None:
    found = unpack(pack(record))
    assert found is not None
    assert_same(found, record)


def packed_by_version_1(record: Record) -> bytes:
    """A record as version 1 packed it: the arrays of each curve one after the other, all compressed."""
    numbers = []
    tracks = []
    for (path, index), baked in record.tracks.items():
        arrays = {"performed": baked.performed, "written": baked.written}
        arrays |= {f"edits.{name}": array for name, array in baked.edits.to_arrays().items()}
        shapes = {
            name: ["key" if array.dtype == KEY else array.dtype.str, *array.shape] for name, array in arrays.items()
        }
        numbers += [array.tobytes() for array in arrays.values()]
        tracks.append({"path": path, "index": index, "arrays": shapes})
    stretch, origin = record.stretch, record.origin
    header = {
        "version": 1,
        "origin": [origin.strip, origin.sound, origin.model, origin.settings],
        "stretch": [stretch.start, stretch.duration, stretch.file_start, stretch.fps],
        "frames": [record.first, record.last],
        "covered": record.covered,
        "tracks": tracks,
    }
    return json.dumps(header).encode() + b"\n" + zlib.compress(b"".join(numbers))


@settings(max_examples=30, deadline=None)
@given(record=some_records(), part=st.floats(0, 1, exclude_max=True))
def test_a_record_of_version_1_is_read(record: Record, part: float) -> None:
    packed = packed_by_version_1(record)
    found = unpack(packed)
    assert found is not None
    assert_same(found, record)
    assert unpack(packed[: int(part * len(packed))]) is None


def good_of_version_1() -> bytes:
    baked, _ = edited()
    return packed_by_version_1(Record(ORIGIN, stretch_at(10, 2.0), 10, 57, {("a", 0): baked}))


def test_a_memory_of_version_1_cut_in_its_checksum_is_none() -> None:
    assert unpack(good_of_version_1()) is not None
    assert unpack(good_of_version_1()[:-1]) is None


@pytest.mark.parametrize("shape", [[2**40], [2**33, 2**33], [-1], [12, -1], [2**62, 4], [1, 12], [], [1.5], ["12"]])
def test_shapes_that_cannot_be_are_no_memory_of_version_1(shape: list[Any]) -> None:
    line, _, numbers = good_of_version_1().partition(b"\n")
    header = json.loads(line)
    header["tracks"][0]["arrays"]["performed"][1:] = shape
    assert unpack(repacked(header, numbers)) is None


@given(values=st.lists(st.floats(0, 1, width=32), min_size=300, max_size=300))
def test_what_all_keys_have_in_common_takes_no_room(values: list[float]) -> None:
    keys = dense_keys(np.arange(300), np.array(values, np.float32))
    tracks = {(str(number), 0): Baked(keys, keys) for number in range(4)}
    packed = pack(Record(ORIGIN, stretch_at(0, 10.0), 0, 299, tracks))
    header, _ = packed_header(packed)
    assert len(packed) < len(json.dumps(header)) + 4 * len(tracks) * 300 * 4 + 2000


def test_edits_that_came_back_are_carried_as_they_would_have_been() -> None:
    baked, frames = edited()
    found = unpack(pack(Record(ORIGIN, stretch_at(10, 2.0), 10, 57, {("a", 0): baked})))
    assert found is not None
    other = new_keys(frames, np.linspace(0.2, 0.6, len(frames)), HandleType.AUTO_CLAMPED)
    expected = carried(baked.edits, other, frames)
    assert carried(found.tracks["a", 0].edits, other, frames).tobytes() == expected.tobytes()
    assert len(found.tracks["a", 0].edits.keys) == 1


def edited() -> tuple[Baked, np.ndarray]:
    """A track on which one key was raised, and its frames."""
    frames = np.arange(10, 58)
    performed = new_keys(frames[::4], np.full(12, 0.3), HandleType.AUTO_CLAMPED)
    current = performed.copy()
    current["co"][5, 1] = 0.8
    edits = find_edits(Baked(performed, performed), current, frames, evaluate(current, frames))
    assert isinstance(edits, Edits)
    return Baked(performed, current, edits), frames


def packed_header(packed: bytes) -> tuple[dict[str, Any], bytes]:
    """The line of JSON, and the numbers."""
    line, _, numbers = packed.partition(b"\n")
    return json.loads(line), numbers


def repacked(header: dict[str, Any], numbers: bytes) -> bytes:
    return json.dumps(header).encode() + b"\n" + numbers


@lru_cache
def good() -> bytes:
    baked, _ = edited()
    return pack(Record(ORIGIN, stretch_at(10, 2.0), 10, 57, {("a", 0): baked, ("b", 2): baked}, ((12, 20),)))


@given(data=st.binary(max_size=200))
def test_any_bytes_are_no_memory(data: bytes) -> None:
    assert unpack(data) is None


@settings(max_examples=30, deadline=None)
@given(part=st.floats(0, 1, exclude_max=True))
def test_a_memory_that_was_cut_off_is_none(part: float) -> None:
    packed = good()
    assert unpack(packed[: int(part * len(packed))]) is None


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([2**31, 2**63, -(2**70), 10**400, -1, 0]),
        st.floats(),
        st.text(max_size=4),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)


def places(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """The path to each value in the header."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def assert_usable(record: Record) -> None:
    """All that a bake does with it, on frames that Blender has."""
    assert record.last - record.first < 1 << 22
    assert record.stretch.fps > 0
    for baked in record.tracks.values():
        assert np.isfinite(evaluate(baked.performed, np.arange(10, 20))).all()
        assert np.isfinite(baked.edits.at(np.arange(10, 20))).all()
    assert_same(unpack(pack(record)) or replace(record, first=None), record)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), value=JSON)
def test_any_other_value_in_its_header_makes_none_or_something_that_can_be_baked_on(data, value: Any) -> None:
    header, numbers = packed_header(good())
    path = data.draw(st.sampled_from(list(places(header))))
    if not path:
        header = value
    else:
        there = header
        for key in path[:-1]:
            there = there[key]
        there[path[-1]] = value
    record = unpack(repacked(header, numbers))
    if record is not None:
        assert_usable(record)


@settings(max_examples=100, deadline=None)
@given(word=st.integers(0, 10**6), data=st.binary(min_size=4, max_size=4))
def test_any_other_numbers_make_none_or_something_that_can_be_baked_on(word: int, data: bytes) -> None:
    header, numbers = packed_header(good())
    place = word % (len(numbers) // 4) * 4
    record = unpack(repacked(header, numbers[:place] + data + numbers[place + 4 :]))
    if record is not None:
        assert_usable(record)


def test_numbers_too_few_or_too_many_are_no_memory() -> None:
    header, numbers = packed_header(good())
    assert unpack(repacked(header, numbers)) is not None
    assert unpack(repacked(header, numbers[:-4])) is None
    assert unpack(repacked(header, numbers + b"\0\0\0\0")) is None


@pytest.mark.parametrize("shape", [[2**40], [2**33, 2**33], [-1], [12, -1], [2**62, 4], [], [1.5], ["12"]])
def test_shapes_that_cannot_be_are_no_memory(shape: list[Any]) -> None:
    header, numbers = packed_header(good())
    header["tracks"][0]["edits"]["offsets"][1:] = shape
    assert unpack(repacked(header, numbers)) is None


@pytest.mark.parametrize("counts", [[2**40], [-1, 25], [12, -1], [12, 12, 12], [], [1.5], ["12"], [24, 0.0], None])
def test_counts_of_keys_that_cannot_be_are_no_memory(counts: Any) -> None:
    header, numbers = packed_header(good())
    assert header["tracks"][0]["keys"] == [12, 12]
    header["tracks"][0]["keys"] = counts
    assert unpack(repacked(header, numbers)) is None


@pytest.mark.parametrize(
    "column", [["as", 0], ["as", -1], ["as", 13], ["as"], ["each"], ["each", "x"], ["each", None], [], None]
)
def test_columns_that_cannot_be_are_no_memory(column: Any) -> None:
    header, numbers = packed_header(good())
    header["columns"][0] = column
    assert unpack(repacked(header, numbers)) is None


def test_a_table_larger_than_any_memory_is_none() -> None:
    header, numbers = packed_header(good())
    header["columns"] = [["each", 0]] * len(header["columns"])
    header["tracks"][0]["keys"] = [2**28]
    assert unpack(repacked(header, numbers)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", VERSION + 1),
        ("version", str(VERSION)),
        ("frames", [57, 10]),
        ("frames", [10, 2**40]),
        ("frames", [10, 10**400]),
        ("frames", [10, float("inf")]),
        ("stretch", [0.4, 2.0, 0.0, 0.0]),
        ("stretch", [0.4, 2.0, 0.0, float("nan")]),
        ("stretch", [0.4, -2.0, 0.0, 24.0]),
        ("stretch", [0.4, 2.0, 24.0]),
        ("covered", [[0, 99]]),
        ("covered", [[20, 12]]),
        ("origin", ["Speech"]),
    ],
)
def test_numbers_that_no_bake_has_are_no_memory(name: str, value: Any) -> None:
    header, numbers = packed_header(good())
    if name == "origin":
        header["origin"] = [*header["origin"], "more"]
    else:
        header[name] = value
    assert unpack(repacked(header, numbers)) is None


def test_a_header_of_a_million_brackets_is_no_memory() -> None:
    assert unpack(b"[" * 1_000_000 + b"\n") is None


def test_what_came_out_cannot_be_changed_by_mistake() -> None:
    packed = good()
    record = unpack(packed)
    with pytest.raises(ValueError, match="read-only"):
        record.tracks["a", 0].performed["co"] = 0
    assert_same(unpack(packed), record)


@pytest.fixture
def face() -> bpy.types.Object:
    return make_face(keys=["jawOpen", "browInnerUp"])


def again(face: bpy.types.Object, seed: int = 0, origin: Origin = SPEECH) -> None:
    bake_onto([face], smooth_curves(2.0, seed), BakedStrip(origin, stretch_at(10, 2.0)))


def test_stored_bytes_stay_readable_when_longer_and_shorter_ones_take_their_place(face: bpy.types.Object) -> None:
    again(face)
    place = place_of(face)
    baked, _ = edited()
    for count in (40, 1, 7, 0, 3, 3):
        record = Record(SPEECH, stretch_at(10, 2.0), 10, 57, {(f"path {number}", 0): baked for number in range(count)})
        remember(place, record)
        assert_same(find_record(place, "Speech"), record)
    assert [stored.origin for stored in bake_records.records(place)] == [SPEECH]
    forget(place, "Speech")
    assert find_record(place, "Speech") is None
    forget(place, "Speech")


def test_each_strip_and_slot_has_its_own(face: bpy.types.Object) -> None:
    again(face)
    again(face, 1, Origin("A name of 63 bytes, as long as Blender lets a strip's name become"))
    other = make_face("Other", ["jawOpen"])
    other.data.shape_keys.animation_data_create().action = place_of(face).action
    other.data.shape_keys.animation_data.action_slot = place_of(face).action.slots.new("KEY", "Other")
    again(other)
    tracks = [set(find_record(place_of(baked), "Speech").tracks) for baked in (face, other)]
    assert len(tracks[0]) == 2
    assert len(tracks[1]) == 1
    assert len(list(bake_records.records(place_of(face)))) == 2
    assert len(list(bake_records.records(place_of(other)))) == 1


def test_a_copy_of_an_action_remembers_the_same(face: bpy.types.Object) -> None:
    again(face)
    place = place_of(face)
    copy = place.action.copy()
    there = AnimatedSlot(copy, copy.slots[place.slot.identifier])
    assert_same(find_record(there, "Speech"), find_record(place, "Speech"))


def test_it_is_saved_with_the_file(face: bpy.types.Object, tmp_path: Path) -> None:
    again(face)
    before = find_record(place_of(face), "Speech")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"), compress=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert_same(find_record(place_of(bpy.data.objects["Face"]), "Speech"), before)


@pytest.mark.parametrize("spoilt", ["a version that never was", "noise", "text", "no group"])
def test_a_bake_that_cannot_be_read_leaves_the_file_usable(face: bpy.types.Object, spoilt: str) -> None:
    again(face)
    action = place_of(face).action
    (name,) = action[PROPERTY].keys()
    header, numbers = packed_header(action[PROPERTY][name])
    header["version"] = "99"
    del action[PROPERTY][name]
    if spoilt == "no group":
        action[PROPERTY] = 5
    else:
        values = {
            "a version that never was": repacked(header, numbers),
            "noise": b"\x01\x80\0\n\0",
            "text": "of another program",
        }
        action[PROPERTY][name] = values[spoilt]
    assert find_record(place_of(face), "Speech") is None
    assert list(bake_records.records(place_of(face))) == []
    curve_of(face, "jawOpen").keyframe_points.insert(300, 0.5)
    again(face, 1)
    keys = all_keys(face)["jawOpen"]["co"]
    assert keys[-1].tolist() == [300, 0.5]
    assert find_record(place_of(face), "Speech") is not None
    performed = make_face("Fresh", ["jawOpen", "browInnerUp"])
    again(performed, 1)
    assert (keys[:-1] == all_keys(performed)["jawOpen"]["co"]).all()


def test_edits_that_a_later_version_has_remembered_are_not_lost(face: bpy.types.Object) -> None:
    again(face)
    action = place_of(face).action
    (name,) = action[PROPERTY].keys()
    header, numbers = packed_header(action[PROPERTY][name])
    del action[PROPERTY][name]
    action[PROPERTY][name] = later = repacked(header | {"version": VERSION + 1, "more": 1}, numbers)
    before = all_keys(face)
    with pytest.raises(EmoTalkError, match=r'"Speech" were made by a newer EmoTalk.*Update EmoTalk, or choose Replace'):
        again(face, 1)
    assert action[PROPERTY][name] == later
    for key, values in all_keys(face).items():
        assert (values["co"] == before[key]["co"]).all()
    bake_onto([face], smooth_curves(2.0, 1), BakedStrip(SPEECH, stretch_at(10, 2.0)), keep_edits=False)
    assert find_record(place_of(face), "Speech") is not None


def test_every_field_of_what_is_remembered_is_stored() -> None:
    """A field that is added to these must be packed, and counted here."""
    assert [len(fields(kind)) for kind in (Record, Origin, AudibleStretch, Baked)] == [6, 4, 4, 3]
    assert len(KEY.names) == 11
