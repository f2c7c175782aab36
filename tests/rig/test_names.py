# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of controls without prefixes, suffixes, case and signs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.rig.names import families, plain


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
    ("names", "found"),
    [
        (["blendShape1.jawOpen", "Basis", "Body_1"], {"jawOpen": "blendShape1.jawOpen"}),
        (["x_aa", "y_aa"], {}),
        (["x_aa", "x_ee"], {"aa": "x_aa", "ee": "x_ee"}),
        (["jawOpen_wide", "smile"], {}),
        (["jawOpen_div2", "aa_div2"], {"jawOpen": "jawOpen_div2", "aa": "aa_div2"}),
        ([], {}),
    ],
)
def test_what_stands_around_known_names(names: list[str], found: dict[str, str]) -> None:
    assert families(names, {"jawopen", "aa", "ee"}) == ([found] if found else [])


@given(name=st.text())
def test_plain_names_are_plain(name: str) -> None:
    assert plain(name) == plain(name).lower()
    assert "_" not in plain(name)
