# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces as their makers export them: which preset they are, and what drives each of their shapes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.curves import ARKIT_NAMES
from emotalk_blender.rig.detect import detect, find_shapes
from emotalk_blender.rig.mapping import Mapping
from emotalk_blender.rig.presets import ARKIT, OCULUS, PRESETS, Preset
from emotalk_blender.rig.sources import POSES, SOURCES

VISEMES = "sil PP FF TH DD kk CH SS nn RR aa E I O U".split()

READY_PLAYER_ME = [f"viseme_{name}" for name in VISEMES] + ["mouthOpen", "mouthSmile", "eyesClosed"]
READY_PLAYER_ME_ARKIT = [name for name in ARKIT_NAMES if name != "tongueOut"] + READY_PLAYER_ME
OCULUS_PLAIN = "sil PP FF TH DD kk CH SS nn RR aa E ih oh ou".split()
VRCHAT = [f"vrc.v_{name}" for name in "sil pp ff th dd kk ch ss nn rr aa e ih oh ou".split()] + ["vrc.blink_left"]
VRM_0 = "Neutral A I U E O Blink Joy Angry Sorrow Fun LookUp LookDown LookLeft LookRight Blink_L Blink_R".split()
VRM_1 = (
    "neutral aa ih ou ee oh blink blinkLeft blinkRight happy angry sad relaxed surprised "
    "lookUp lookDown lookLeft lookRight"
).split()
MIKU_MIKU_DANCE = ["あ", "い", "う", "え", "お", "まばたき", "笑い", "ウィンク", "怒り"]
VROID = [
    *(f"Fcl_ALL_{mood}" for mood in "Neutral Angry Fun Joy Sorrow Surprised".split()),
    *(f"Fcl_BRW_{mood}" for mood in "Angry Fun Joy Sorrow Surprised".split()),
    *(f"Fcl_EYE_{name}" for name in "Natural Angry Close Close_R Close_L Fun Joy Joy_R Joy_L Sorrow Surprised".split()),
    *(f"Fcl_EYE_{name}" for name in "Spread Iris_Hide Highlight_Hide".split()),
    *(f"Fcl_MTH_{name}" for name in "Close Up Down Angry Small Large Neutral Fun Joy Sorrow Surprised".split()),
    *(f"Fcl_MTH_{name}" for name in "SkinFung SkinFung_R SkinFung_L A I U E O".split()),
    *(f"Fcl_HA_{name}" for name in "Hide Fung1 Fung1_Low Fung1_Up Short Short_Up Short_Low".split()),
]
VROID_OLD = [f"Face.M_F00_000_00_{name}" for name in VROID]
METAHUMAN = [
    f"CTRL_expressions_{name}"
    for name in """
    browDownL browDownR browLateralL browLateralR browRaiseInL browRaiseInR browRaiseOuterL browRaiseOuterR
    eyeBlinkL eyeBlinkR eyeWidenL eyeWidenR eyeSquintInnerL eyeSquintInnerR eyeCheekRaiseL eyeCheekRaiseR
    eyeLookUpL eyeLookUpR eyeLookDownL eyeLookDownR eyeLookLeftL eyeLookLeftR eyeLookRightL eyeLookRightR
    noseWrinkleL noseWrinkleR noseNostrilDilateL noseNostrilDilateR mouthCheekBlowL mouthCheekBlowR mouthLeft mouthRight
    mouthUpperLipRaiseL mouthUpperLipRaiseR mouthLowerLipDepressL mouthLowerLipDepressR mouthCornerPullL
    mouthCornerPullR mouthStretchL mouthStretchR mouthDimpleL mouthDimpleR mouthCornerDepressL mouthCornerDepressR
    mouthLipsPurseUL mouthLipsPurseUR mouthLipsPurseDL mouthLipsPurseDR mouthFunnelUL mouthFunnelUR mouthFunnelDL
    mouthFunnelDR mouthLipsTogetherUL mouthLipsTogetherUR mouthLipsTogetherDL mouthLipsTogetherDR mouthLowerLipBiteL
    mouthPressUL mouthPressUR mouthPressDL mouthPressDR mouthUpperLipRollInL mouthUpperLipRollInR mouthLowerLipRollInL
    mouthLowerLipRollInR jawOpen jawLeft jawRight jawFwd jawBack jawChinRaiseDL jawChinRaiseDR jawChinRaiseUL
    jawChinRaiseUR tongueUp tongueOut teethUpU
    """.split()
]
RHUBARB = list("ABCDEFGHX")
PAPAGAYO = "AI E etc FV L MBP O rest U WQ".split()
AUDIO2FACE = """
    browLowerL browLowerR innerBrowRaiserL innerBrowRaiserR outerBrowRaiserL outerBrowRaiserR eyesLookLeft
    eyesLookRight eyesLookUp eyesLookDown eyesCloseL eyesCloseR eyesUpperLidRaiserL eyesUpperLidRaiserR squintL squintR
    cheekRaiserL cheekRaiserR cheekPuffL cheekPuffR noseWrinklerL noseWrinklerR jawDrop jawDropLipTowards jawThrust
    jawSlideLeft jawSlideRight mouthSlideLeft mouthSlideRight dimplerL dimplerR lipCornerPullerL lipCornerPullerR
    lipCornerDepressorL lipCornerDepressorR lipStretcherL lipStretcherR upperLipRaiserL upperLipRaiserR
    lowerLipDepressorL lowerLipDepressorR chinRaiser lipPressor pucker funneler lipSuck
""".split()

FACES = {
    "ARKit": (list(ARKIT_NAMES), "ARKit", 52),
    "Ready Player Me": (READY_PLAYER_ME, "Ready Player Me, Oculus", 16),
    "Ready Player Me with ARKit": (READY_PLAYER_ME_ARKIT, "ARKit", 51),
    "Oculus": (OCULUS_PLAIN, "Ready Player Me, Oculus", 14),
    "VRChat": (VRCHAT, "Ready Player Me, Oculus", 14),
    "VRM 0": (VRM_0, "VRM", 12),
    "VRM, a mouth": (list("AIUEO"), "VRM", 5),
    "VRM 1": (VRM_1, "VRM", 12),
    "MikuMikuDance": (MIKU_MIKU_DANCE, "VRM", 6),
    "VRoid": (VROID, "VRoid", 14),
    "VRoid, old": (VROID_OLD, "VRoid", 14),
    "VRoid, teeth": ([f"Fcl_MTH_{vowel}" for vowel in "AIUEO"], "VRoid", 5),
    "VRoid with ARKit": (VROID + list(ARKIT_NAMES), "ARKit", 52),
    "MetaHuman": (METAHUMAN, "MetaHuman", 69),
    "MetaHuman, bare": ([name.removeprefix("CTRL_expressions_") for name in METAHUMAN], "MetaHuman", 69),
    "Rhubarb": (RHUBARB, "Rhubarb", 8),
    "Rhubarb, prefixed": ([f"lipsync_{name}" for name in RHUBARB], "Rhubarb", 8),
    "Preston Blair": (PAPAGAYO, "Preston Blair", 9),
    "Faceit": (AUDIO2FACE, "Faceit, Audio2Face", 46),
}


@pytest.mark.parametrize("face", FACES)
def test_a_face_is_recognised_by_its_names(face: str) -> None:
    names, label, count = FACES[face]
    mapping = detect(["Basis", *names])
    assert mapping.preset == label
    assert mapping.count == count
    assert mapping.count + len(mapping.missing) == mapping.total
    assert mapping.report == f"{mapping.count} of {mapping.total}"
    assert {row.target for row in mapping.rows} <= set(names)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_a_preset_knows_its_own_names(preset: Preset) -> None:
    names = [shape.name for shape in preset.shapes]
    assert len(set(names)) == len(names)
    assert {name: shape.name for name, shape in find_shapes(names, preset).items()} == {name: name for name in names}
    assert detect(names, preset).report == f"{len(names)} of {len(names)}"
    assert preset.reference.startswith("https://")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_every_source_of_a_preset_is_one(preset: Preset) -> None:
    assert {shape.source for shape in preset.shapes} <= set(SOURCES)


@pytest.mark.parametrize("face", FACES)
def test_the_order_of_names_does_not_matter(face: str) -> None:
    names, *_ = FACES[face]
    assert sources(detect(names)) == sources(detect(names[::-1]))


def test_each_viseme_is_the_sound_that_it_is_named_after() -> None:
    assert sources(detect(READY_PLAYER_ME))["viseme_PP"] == "soundP"
    assert sources(detect(READY_PLAYER_ME))["viseme_I"] == "soundEe"
    assert sources(detect(VROID))["Fcl_MTH_U"] == "soundOo"
    assert sources(detect(RHUBARB))["D"] == "soundAh"
    assert sources(detect(PAPAGAYO))["MBP"] == "soundP"


def test_a_metahuman_shuts_its_lips_as_far_as_they_are_shut() -> None:
    found = sources(detect(METAHUMAN))
    assert found["CTRL_expressions_mouthLipsTogetherUL"] == "lipsTogether"
    assert found["CTRL_expressions_mouthFunnelDR"] == "mouthFunnel"
    assert found["CTRL_expressions_eyeLookLeftR"] == "eyeLookInRight"


def test_visemes_rest_on_a_face_that_has_the_blendshapes() -> None:
    assert not set(sources(detect(READY_PLAYER_ME_ARKIT)).values()) & set(POSES)
    assert not set(sources(detect(VROID + list(ARKIT_NAMES))).values()) & set(POSES)


def test_nothing_is_moved_twice_by_two_conventions() -> None:
    found = sources(detect(VROID + list(ARKIT_NAMES)))
    assert found == {name: name for name in ARKIT_NAMES}


def test_both_lids_rest_where_each_has_its_own_shape() -> None:
    found = sources(detect(VROID))
    assert "Fcl_EYE_Close" not in found
    assert found["Fcl_EYE_Close_L"] == "eyeBlinkLeft"
    assert sources(detect(["Fcl_EYE_Close", "Fcl_MTH_A"]))["Fcl_EYE_Close"] == "eyeBlink"


def test_blendshapes_of_the_upper_face_are_driven_beside_visemes() -> None:
    upper = [name for name in ARKIT_NAMES if name.startswith(("brow", "eye", "cheek", "nose"))]
    found = sources(detect(upper + READY_PLAYER_ME))
    assert found["browInnerUp"] == "browInnerUp"
    assert found["viseme_aa"] == "soundAh"
    assert "eyesClosed" not in found


@pytest.mark.parametrize("names", [["A"], ["E", "O"], ["L"], ["etc"], ["aa"], ["X", "Y", "Z"], ["I", "II", "III"], []])
def test_a_few_letters_are_no_face(names: list[str]) -> None:
    assert detect(names).rows == ()


def test_a_preset_that_is_asked_for_is_the_only_one() -> None:
    mapping = detect(READY_PLAYER_ME_ARKIT, OCULUS)
    assert mapping.count == 16
    assert all(row.target.startswith(("viseme_", "mouthSmile", "eyesClosed")) for row in mapping.rows)
    assert detect(RHUBARB, ARKIT).report == "0 of 52"


def test_teeth_with_a_single_viseme_are_driven() -> None:
    assert sources(detect(["viseme_aa"])) == {"viseme_aa": "soundAh"}


def sources(mapping: Mapping) -> dict[str, str]:
    return {row.target: row.source for row in mapping.rows}


@given(names=st.lists(st.sampled_from(sorted({name for names, *_ in FACES.values() for name in names})), unique=True))
def test_no_control_has_two_sources(names: list[str]) -> None:
    mapping = detect(names)
    targets = [row.target for row in mapping.rows]
    assert len(set(targets)) == len(targets)
    assert targets == [name for name in names if name in targets]
