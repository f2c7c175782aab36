# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces as their makers export them: which preset they are, and what drives each of their shapes."""

from __future__ import annotations

import re

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
PAPAGAYO_PREFIXED = [f"mouth_{name}" for name in PAPAGAYO]
CHARACTER_CREATOR_ARKIT = [
    f"A{number:02}_" + re.sub("(?<=[a-z])(?=[A-Z])", "_", name[0].upper() + name[1:])
    for number, name in enumerate(ARKIT_NAMES[:-1], start=1)
]
DAZ_8_1 = """
    facs_ctrl_BrowInnerUp facs_jnt_EyeLookUpLeft facs_bs_EyeLookInLeft_div2 facs_jnt_EyeBlinkLeft facs_jnt_EyeBlinkRight
    facs_bs_EyeSquintLeft_div2 facs_ctrl_CheekPuff facs_bs_NoseSneerLeft_div2 facs_jnt_JawOpen facs_jnt_JawForward
    facs_bs_MouthFunnel_div2 facs_bs_MouthPucker_div2 facs_bs_MouthClose_div2 facs_bs_MouthSmileLeft_div2
    facs_bs_MouthSmileRight_div2 facs_bs_TongueOut
""".split()
ROCKETBOX = [f"AK_{number:02}_{name[0].upper()}{name[1:]}" for number, name in enumerate(ARKIT_NAMES, start=1)]
ROCKETBOX += [f"AA_VI_{number:02}_{name}" for number, name in enumerate(VISEMES)] + [
    "AU_01_InnerBrowRaiser",
    "HB_07_MouthSmile",
]
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
    "MikuMikuDance": (MIKU_MIKU_DANCE, "MikuMikuDance", 8),
    "VRoid": (VROID, "VRoid", 14),
    "VRoid, old": (VROID_OLD, "VRoid", 14),
    "VRoid, teeth": ([f"Fcl_MTH_{vowel}" for vowel in "AIUEO"], "VRoid", 5),
    "VRoid with ARKit": (VROID + list(ARKIT_NAMES), "ARKit", 52),
    "MetaHuman": (METAHUMAN, "MetaHuman", 69),
    "MetaHuman, bare": ([name.removeprefix("CTRL_expressions_") for name in METAHUMAN], "MetaHuman", 69),
    "Rhubarb": (RHUBARB, "Rhubarb", 8),
    "Rhubarb, prefixed": ([f"lipsync_{name}" for name in RHUBARB], "Rhubarb", 8),
    "Preston Blair": (PAPAGAYO, "Preston Blair", 9),
    "Preston Blair, prefixed": (PAPAGAYO_PREFIXED, "Preston Blair", 9),
    "Character Creator ARKit": (CHARACTER_CREATOR_ARKIT, "ARKit", 51),
    "Daz Genesis 8.1": (DAZ_8_1, "Daz Genesis 8.1", 16),
    "Daz Genesis 8.1 through the Daz bridge": ([f"Genesis8_1Female__{name}" for name in DAZ_8_1], "ARKit", 16),
    "Rocketbox": (ROCKETBOX, "Microsoft Rocketbox", 66),
    "Rocketbox in Unity": ([f"blendShape1.{name}" for name in ROCKETBOX], "Microsoft Rocketbox", 66),
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


@pytest.mark.parametrize("other", ["Body_{}", "jiggle.{}", "blendShape2.Coat{}"])
@pytest.mark.parametrize("affixed", ["blendShape1.{}", "{}_Face", "Head|{}.001", "Char__head.{}_v2"])
def test_prefixes_and_suffixes_are_found_beside_any_number_of_others(affixed: str, other: str) -> None:
    names = [affixed.format(name) for name in ARKIT_NAMES]
    mapping = detect([*(other.format(number) for number in range(200)), *names])
    assert sources(mapping) == dict(zip(names, ARKIT_NAMES, strict=True))


def test_a_side_is_no_suffix_and_a_known_name_no_prefix() -> None:
    assert sources(detect(["eyesLookUp_L", "eyesLookUp_R", "eyesLookDown_L", "eyesLookDown_R"], OCULUS)) == {
        "eyesLookUp_L": "eyeLookUp",
        "eyesLookUp_R": "eyeLookUp",
        "eyesLookDown_L": "eyeLookDown",
        "eyesLookDown_R": "eyeLookDown",
    }
    both = ["jawOpen_mouthSmileLeft", "jawOpen_mouthSmileRight", "jawOpen_cheekPuff"]
    assert sources(detect(["jawOpen", *both])) == {"jawOpen": "jawOpen"}


UPPER_FACES = {
    "VRoid": [name for name in VROID if name.startswith(("Fcl_BRW", "Fcl_EYE"))],
    "MMD": ["まばたき", "ウィンク２", "ウィンク２右", "怒り", "困る", "上"],
    "ARKit": [name for name in ARKIT_NAMES if name.startswith(("brow", "eye", "cheek", "nose"))],
    "VRM": ["Blink", "Blink_L", "Blink_R", "LookUp", "LookDown", "LookLeft", "LookRight"],
}
MOUTHS = {
    "VRChat": VRCHAT[:-1],
    "Oculus": OCULUS_PLAIN,
    "Rhubarb": [f"lipsync_{name}" for name in RHUBARB],
    "Preston Blair": PAPAGAYO_PREFIXED,
    "MMD": list("あいうえお"),
    "VRoid": [f"Fcl_MTH_{vowel}" for vowel in "AIUEO"],
    "ARKit": [name for name in ARKIT_NAMES if name.startswith(("jaw", "mouth"))],
}


@pytest.mark.parametrize("mouth", MOUTHS)
@pytest.mark.parametrize("upper", UPPER_FACES)
def test_eyes_and_brows_may_follow_another_convention_than_the_mouth(upper: str, mouth: str) -> None:
    alone = sources(detect(UPPER_FACES[upper])) | sources(detect(MOUTHS[mouth]))
    assert alone
    assert sources(detect([*UPPER_FACES[upper], *MOUTHS[mouth]])) == alone
    assert sources(detect([*MOUTHS[mouth], *UPPER_FACES[upper]])) == alone


def test_a_second_set_of_visemes_takes_nothing_from_a_face_but_its_sounds() -> None:
    alone, both = sources(detect(VROID)), sources(detect(VROID + VRCHAT[:-1]))
    assert {name: source for name, source in both.items() if name.startswith("Fcl_")} == {
        name: source for name, source in alone.items() if not source.startswith("sound")
    }
    assert {source for name, source in both.items() if name.startswith("vrc.")} == set(
        sources(detect(VRCHAT[:-1])).values()
    )


def test_among_mouths_a_mouth_with_an_l_is_the_sound() -> None:
    assert sources(detect(PAPAGAYO_PREFIXED))["mouth_L"] == "soundL"
    assert sources(detect(["mouth_L", "mouth_R", *ARKIT_NAMES[:20]]))["mouth_L"] == "mouthLeft"
    assert "mouth_L" not in sources(detect([*PAPAGAYO_PREFIXED, *ARKIT_NAMES]))


def test_each_lid_of_a_face_without_a_whole_blink_has_its_own_side() -> None:
    found = sources(detect(["Fcl_EYE_Close_R", "Fcl_EYE_Close_L", "Fcl_MTH_A"]))
    assert found["Fcl_EYE_Close_R"] == "eyeBlinkRight"
    assert found["Fcl_EYE_Close_L"] == "eyeBlinkLeft"


OTHER_NAMES = st.from_regex(r"(Body|Cloth|fit)[_.][A-Z][a-z]{4,8}[0-9]{2}", fullmatch=True)


@given(face=st.sampled_from(sorted(FACES)), others=st.lists(OTHER_NAMES, unique=True))
def test_whatever_stands_beside_a_face_it_is_found_as_if_alone(face: str, others: list[str]) -> None:
    names, *_ = FACES[face]
    assert sources(detect([*others, *names])) == sources(detect(names))


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
