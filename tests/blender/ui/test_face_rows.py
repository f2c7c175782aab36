# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist edits what was recognized, keeps it as a preset, and gets it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
import pytest

from emotalk_blender.blender.face import user_presets
from emotalk_blender.blender.face.targets import find_targets
from emotalk_blender.blender.face.user_presets import own_presets
from emotalk_blender.blender.ui import face_rows
from emotalk_blender.curves import ARKIT_NAMES, CHANNEL
from emotalk_blender.rig.mapping import Row
from emotalk_blender.rig.presets import PRESETS

from ...curve_builders import random_curves
from ..builders import make_face


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """No presets but those of the test."""
    monkeypatch.setattr(user_presets, "user_folder", lambda name: tmp_path / name)
    user_presets._read.cache_clear()
    yield tmp_path / "faces"
    user_presets._read.cache_clear()


def rows_of(face: bpy.types.Object) -> list[Row]:
    return [Row(row.name, row.source, row.strength) for row in face.emotalk_rows]


def test_a_face_is_recognized_by_itself_until_the_artist_says_otherwise() -> None:
    face = make_face()
    assert face.emotalk_preset == "AUTOMATIC"
    choices = {item.identifier for item in face.bl_rna.properties["emotalk_preset"].enum_items}
    assert choices == {"AUTOMATIC", "OWN", *(preset.key for preset in PRESETS)}


def test_the_numbers_in_files_never_change() -> None:
    items = make_face().bl_rna.properties["emotalk_preset"].enum_items
    assert {item.identifier: item.value for item in items} == {
        "AUTOMATIC": 0,
        "OWN": 1,
        "ARKIT": 10,
        "OCULUS": 11,
        "VROID": 12,
        "VRM": 13,
        "METAHUMAN": 14,
        "RHUBARB": 15,
        "PRESTON_BLAIR": 16,
        "FACEIT": 17,
        "MMD": 18,
        "CC_STANDARD": 19,
        "CC_EXTENDED": 20,
        "CC_HD": 21,
        "DAZ_8_1": 22,
        "DAZ_9": 23,
        "FACESHIFT": 24,
        "ROCKETBOX": 25,
    }


def test_what_was_recognized_becomes_rows() -> None:
    face = make_face(keys=["jaw_open", "viseme_PP", "Smile"])
    assert bpy.ops.emotalk.edit_face_rows() == {"FINISHED"}
    assert rows_of(face) == [Row("jaw_open", "jawOpen"), Row("viseme_PP", "soundP")]
    assert face.emotalk_preset == "OWN"
    assert find_targets([face])[0].mapping.targets == ("jaw_open", "viseme_PP")


def test_an_edited_row_drives_as_it_says() -> None:
    face = make_face(keys=["Open Wide", "jawOpen"])
    bpy.ops.emotalk.edit_face_rows()
    bpy.ops.emotalk.add_face_row()
    row = face.emotalk_rows[face.emotalk_active_row]
    row.name, row.source, row.strength = "Open Wide", "mouthFunnel", 0.5
    (target,) = find_targets([face])
    values = random_curves(1.0).values
    assert target.mapping.targets == ("jawOpen", "Open Wide")
    np.testing.assert_allclose(target.drive(values)[:, 1], 0.5 * values[:, CHANNEL["mouthFunnel"]], rtol=1e-6)
    bpy.ops.emotalk.remove_face_row()
    assert find_targets([face])[0].mapping.targets == ("jawOpen",)


def test_rows_that_mean_nothing_drive_nothing() -> None:
    face = make_face(keys=["jawOpen"])
    face_rows.set_rows(face, [Row("jawOpen", "jawOpen"), Row("jawOpen", "earWiggle"), Row("", "mouthClose")])
    (target,) = find_targets([face])
    assert target.mapping.targets == ("jawOpen",)
    assert target.mapping.report == "1 of 3"
    face_rows.set_rows(face, [Row("jawOpen", "")])
    assert find_targets([face]) == []


def test_the_last_row_can_be_removed() -> None:
    face = make_face(keys=["jawOpen"])
    bpy.ops.emotalk.edit_face_rows()
    bpy.ops.emotalk.remove_face_row()
    assert rows_of(face) == []
    with pytest.raises(RuntimeError, match="No row is active"):
        bpy.ops.emotalk.remove_face_row()


def test_a_preset_of_the_artists_is_kept_and_loaded(folder: Path) -> None:
    face = make_face(keys=["Open Wide", "jawOpen"])
    face_rows.set_rows(face, [Row("Open Wide", "jawOpen", 0.5)])
    assert bpy.ops.emotalk.save_face_preset(preset="Hero") == {"FINISHED"}
    assert own_presets() == {"Hero": (Row("Open Wide", "jawOpen", 0.5),)}
    assert len(list(folder.iterdir())) == 1

    other = make_face("Other", keys=["jawLeft"])
    assert bpy.ops.emotalk.load_face_preset(preset="Hero") == {"FINISHED"}
    assert rows_of(other) == [Row("Open Wide", "jawOpen", 0.5)]
    with pytest.raises(RuntimeError, match='no preset "Villain"'):
        bpy.ops.emotalk.load_face_preset(preset="Villain")

    assert bpy.ops.emotalk.delete_face_preset(preset="Hero") == {"FINISHED"}
    assert own_presets() == {}
    assert rows_of(other) == [Row("Open Wide", "jawOpen", 0.5)]


def test_automatic_knows_a_face_by_a_preset_of_the_artists() -> None:
    face = make_face(keys=["Open Wide", "Round"])
    face_rows.set_rows(face, [Row("Open Wide", "jawOpen"), Row("Round", "mouthPucker")])
    bpy.ops.emotalk.save_face_preset(preset="Hero")
    (target,) = find_targets([make_face("Another", keys=["Round", "Open Wide", "Ears"])])
    assert target.mapping.preset == "Hero"
    assert target.mapping.targets == ("Open Wide", "Round")
    assert find_targets([make_face("Half", keys=["Round"])]) == []


def test_a_small_preset_of_the_artists_leaves_a_whole_face_alone() -> None:
    face = make_face()
    face_rows.set_rows(face, [Row("jawOpen", "jawOpen", 2.0)])
    bpy.ops.emotalk.save_face_preset(preset="Jaw")
    assert find_targets([make_face("Another")])[0].mapping.preset == "ARKit"


def test_rows_are_saved_with_the_file(tmp_path: Path) -> None:
    face_rows.set_rows(make_face(), [Row("jawOpen", "jawOpen", 0.25)])
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert rows_of(bpy.data.objects["Face"]) == [Row("jawOpen", "jawOpen", 0.25)]
    assert bpy.data.objects["Face"].emotalk_preset == "OWN"


def test_controls_are_offered_by_name() -> None:
    face = make_face(keys=["Open Wide", "jawOpen"])
    face["mood"] = 0.5
    bpy.ops.emotalk.add_face_row()
    assert face_rows._control_names(face.emotalk_rows[0], bpy.context, "") == ["Open Wide", "jawOpen", "mood"]


def test_every_blendshape_is_a_source() -> None:
    assert set(ARKIT_NAMES) <= set(face_rows._source_names(None, bpy.context, ""))
