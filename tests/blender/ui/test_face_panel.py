# SPDX-License-Identifier: GPL-3.0-or-later
"""The labels and rows of the panel Face."""

from __future__ import annotations

import bpy
import pytest

from emotalk_blender.blender.face.targets import find_targets, mapping_of
from emotalk_blender.blender.ui.face_panel import EMOTALK_PT_face, report
from emotalk_blender.blender.ui.face_rows import set_rows
from emotalk_blender.curves import ARKIT_NAMES
from emotalk_blender.rig.mapping import Row

from ..builders import make_face


def told(face: bpy.types.Object) -> list[str]:
    mapping = mapping_of(face)
    assert mapping is not None
    return report(mapping)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (ARKIT_NAMES, ["ARKit: 52 of 52"]),
        (ARKIT_NAMES[:-2], ["ARKit: 50 of 52", "Missing: noseSneerRight, tongueOut"]),
        (list("AIUE"), ["VRM: 4 of 12", None]),
        (["Ears"], ["ARKit: 0 of 52"]),
    ],
)
def test_what_was_recognised_and_what_is_missing(keys: list[str], expected: list[str | None]) -> None:
    sentences = told(make_face(keys=keys))
    assert len(sentences) == len(expected)
    for sentence, wanted in zip(sentences, expected, strict=True):
        assert wanted is None or sentence == wanted


def test_many_missing_names_are_counted() -> None:
    first, second = told(make_face(keys=["jawOpen"]))
    assert first == "ARKit: 1 of 52"
    assert second.startswith("Missing: browDownLeft, ")
    assert second.endswith(" and 39 more")


def test_rows_whose_control_is_gone_are_told() -> None:
    face = make_face(keys=["jawOpen"])
    set_rows(face, [Row("jawOpen", "jawOpen"), Row("lips", "mouthClose")])
    assert told(face) == ["1 of 2 rows are driven", "Missing: lips"]
    assert find_targets([face])[0].mapping.report == "1 of 2"


def test_the_panel_lies_below_the_main_one_and_is_closed_at_first() -> None:
    assert EMOTALK_PT_face.bl_parent_id == "EMOTALK_PT_main"
    assert EMOTALK_PT_face.bl_options == {"DEFAULT_CLOSED"}
