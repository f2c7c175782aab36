# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding the 52 blendshapes among a mesh's shape keys by name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.curves import ARKIT_NAMES, CHANNEL
from emotalk_blender.rig.shape_keys import match_shape_keys

# The shape keys of a real face, FaceKit by the USC Institute for Creative Technologies.
ICT_NAMES = [
    "PupilDilate_L",
    "PupilDilate_R",
    "browDown_L",
    "browDown_R",
    "browInnerUp_L",
    "browInnerUp_R",
    "browOuterUp_L",
    "browOuterUp_R",
    "cheekPuff_L",
    "cheekPuff_R",
    "cheekRaiser_L",
    "cheekRaiser_R",
    "cheekSquint_L",
    "cheekSquint_R",
    "eyeBlink_L",
    "eyeBlink_R",
    "eyeLookDown_L",
    "eyeLookDown_R",
    "eyeLookIn_L",
    "eyeLookIn_R",
    "eyeLookOut_L",
    "eyeLookOut_R",
    "eyeLookUp_L",
    "eyeLookUp_R",
    "eyeSquint_L",
    "eyeSquint_R",
    "eyeWide_L",
    "eyeWide_R",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimple_L",
    "mouthDimple_R",
    "mouthFrown_L",
    "mouthFrown_R",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDown_L",
    "mouthLowerDown_R",
    "mouthPress_L",
    "mouthPress_R",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmile_L",
    "mouthSmile_R",
    "mouthStretch_L",
    "mouthStretch_R",
    "mouthUpperUp_L",
    "mouthUpperUp_R",
    "noseSneer_L",
    "noseSneer_R",
]

WITHOUT_A_SIDE = [name for name in ARKIT_NAMES if not name.endswith(("Left", "Right"))]


def short_side(name: str, separator: str) -> str:
    return re.sub("(Left|Right)$", lambda side: separator + side[0][0], name)


def words(name: str, separator: str) -> str:
    return re.sub("([A-Z])", lambda letter: separator + letter[0].lower(), name)


SPELLINGS = {
    "exact": lambda name: name,
    "lower case": str.lower,
    "upper case": str.upper,
    "first letter large": lambda name: name[0].upper() + name[1:],
    "_L": lambda name: short_side(name, "_"),
    ".L": lambda name: short_side(name, "."),
    " L": lambda name: short_side(name, " "),
    "L": lambda name: short_side(name, ""),
    "spaces": lambda name: words(name, " "),
    "underscores": lambda name: words(name, "_"),
    "hyphens": lambda name: words(name, "-"),
    "side first": lambda name: re.sub("^(.+)(Left|Right)$", r"\2_\1", name),
    "numbered": lambda name: f"A{len(name):02}_" + words(name, "_").title(),
    "behind a node": lambda name: f"blendShape1.{name}",
    "behind a mesh": lambda name: f"Head_geo__{name}",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_all_52_are_found_in_every_spelling(spelling: str) -> None:
    names = [SPELLINGS[spelling](name) for name in ARKIT_NAMES]
    mapping = match_shape_keys(names)
    assert mapping.channels == {name: channel for channel, name in enumerate(names)}
    assert mapping.count == 52
    assert mapping.missing == ()


@pytest.mark.parametrize("name", WITHOUT_A_SIDE)
def test_a_blendshape_in_two_halves_drives_both(name: str) -> None:
    mapping = match_shape_keys([name + "_L", name + "_R"])
    assert mapping.channels == {name + "_L": CHANNEL[name], name + "_R": CHANNEL[name]}
    assert mapping.count == 1


def test_half_of_a_blendshape_is_driven_alone() -> None:
    assert match_shape_keys(["cheekPuffRight"]).channels == {"cheekPuffRight": CHANNEL["cheekPuff"]}


def test_halves_rest_where_the_whole_is_there_too() -> None:
    assert match_shape_keys(["browInnerUp_L", "browInnerUp_R", "brow_inner_up"]).channels == {
        "brow_inner_up": CHANNEL["browInnerUp"]
    }


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["jaw_open", "JAWOPEN", "jawOpen"], "jawOpen"),
        (["jaw_open", "JawOpen"], "JawOpen"),
        (["eyeBlink_L", "eyeBlinkLeft"], "eyeBlinkLeft"),
    ],
)
def test_the_best_spelling_of_several_is_taken(names: list[str], taken: str) -> None:
    assert list(match_shape_keys(names).channels) == [taken]


def test_directions_are_not_mistaken_for_halves() -> None:
    mapping = match_shape_keys(["mouthLeft", "mouthRight", "jaw_L", "jaw_R"])
    assert mapping.channels == {
        "mouthLeft": CHANNEL["mouthLeft"],
        "mouthRight": CHANNEL["mouthRight"],
        "jaw_L": CHANNEL["jawLeft"],
        "jaw_R": CHANNEL["jawRight"],
    }


def test_names_of_a_real_face() -> None:
    mapping = match_shape_keys(ICT_NAMES)
    strangers = {"PupilDilate_L", "PupilDilate_R", "cheekRaiser_L", "cheekRaiser_R"}
    assert set(mapping.channels) == set(ICT_NAMES) - strangers
    assert mapping.missing == ("tongueOut",)
    assert mapping.channels["browInnerUp_L"] == mapping.channels["browInnerUp_R"] == CHANNEL["browInnerUp"]
    assert mapping.channels["mouthSmile_L"] == CHANNEL["mouthSmileLeft"]
    assert mapping.channels["mouthSmile_R"] == CHANNEL["mouthSmileRight"]


@pytest.mark.parametrize("name", ["Basis", "", "jaw", "jawOpenWide", "brow", "viseme_aa", "Left", "_L", "mouthSmile"])
def test_other_names_drive_nothing(name: str) -> None:
    mapping = match_shape_keys([name])
    assert mapping.channels == {}
    assert mapping.count == 0
    assert mapping.missing == ARKIT_NAMES


@st.composite
def shape_key_names(draw: st.DrawFn) -> list[str]:
    known = st.builds(
        lambda spell, name: SPELLINGS[spell](name), st.sampled_from(sorted(SPELLINGS)), st.sampled_from(ARKIT_NAMES)
    )
    halves = st.builds(lambda name, side: name + side, st.sampled_from(WITHOUT_A_SIDE), st.sampled_from(["_L", "_R"]))
    return draw(st.lists(st.one_of(known, halves, st.text(max_size=12)), unique=True, max_size=40))


@given(names=shape_key_names())
def test_whatever_the_names_no_key_is_moved_twice(names: list[str]) -> None:
    mapping = match_shape_keys(names)
    assert set(mapping.channels) <= set(names)
    assert mapping.count + len(mapping.missing) == 52
    for channel in set(mapping.channels.values()):
        keys = [name for name, driven_by in mapping.channels.items() if driven_by == channel]
        sides = {key[-1].upper() for key in keys}
        assert len(keys) == 1 or (len(keys) == 2 and sides == {"L", "R"}), keys


@given(names=shape_key_names())
def test_the_order_of_the_keys_does_not_matter_to_which_blendshapes_are_found(names: list[str]) -> None:
    assert match_shape_keys(names).missing == match_shape_keys(names[::-1]).missing
