# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of controls without prefixes, suffixes, case and signs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.rig.names import plain, shared_prefix


@pytest.mark.parametrize(
    "name",
    """eyeBlinkLeft EyeBlinkLeft eyeBlink_L eyeBlink.L eyeblink-left EYEBLINKLEFT eye_blink_left eyeBlinkL L_eyeBlink
    Left_Eye_Blink leftEyeBlink A14_Eye_Blink_Left 14.eyeBlink_l""".split(),
)
def test_one_shape_in_many_spellings(name: str) -> None:
    assert plain(name) == "eyeblinkl"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("", ""), ("_L", "l"), ("Left", "l"), ("A", "a"), ("leftover", "leftover"), ("mouthLeft", "mouthl"), ("E2", "e2")],
)
def test_what_is_no_side_and_no_number_stays(name: str, expected: str) -> None:
    assert plain(name) == expected


@pytest.mark.parametrize(
    ("names", "prefix"),
    [
        (["blendShape1.jawOpen", "blendShape1.jawLeft", "Basis"], "blendShape1."),
        (["viseme_aa", "viseme_E", "jawOpen"], "viseme_"),
        (["Face.M_00_Fcl_MTH_A", "Face.M_00_Fcl_EYE_Close"], "Face.M_00_Fcl_"),
        (["jawOpen", "jawLeft"], ""),
        (["brow_up", "eye_up"], ""),
        ([], ""),
    ],
)
def test_the_longest_prefix_of_most_names(names: list[str], prefix: str) -> None:
    assert shared_prefix(names) == prefix


@given(name=st.text())
def test_plain_names_are_plain(name: str) -> None:
    assert plain(name) == plain(name).lower()
    assert "_" not in plain(name)
