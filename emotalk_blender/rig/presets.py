# SPDX-License-Identifier: GPL-3.0-or-later
"""How the makers of faces name their shapes, and what these look like."""

from __future__ import annotations

from dataclasses import dataclass

from ..curves import ARKIT_NAMES
from .conventions import CONVENTIONS


@dataclass(frozen=True)
class Shape:
    """A shape of a preset: its documented name first among its spellings, and the source that drives it."""

    spellings: tuple[str, ...]
    source: str

    @property
    def name(self) -> str:
        """The name that the convention's documentation gives the shape."""
        return self.spellings[0]


@dataclass(frozen=True)
class Preset:
    """A convention of names.

    key: how files and scripts call it, one of CONVENTIONS. reference: where the names are documented.
    """

    key: str
    reference: str
    shapes: tuple[Shape, ...]

    @property
    def label(self) -> str:
        """The convention's name in the interface."""
        return CONVENTIONS[self.key]


def _shapes(table: str, *prefixes: str) -> tuple[Shape, ...]:
    """The shapes in lines of "NAME OTHER-NAME ... = source", each name with each of these prefixes, if any."""
    shapes = []
    for line in table.strip().splitlines():
        names, _, source = line.partition("=")
        spellings = tuple(prefix + name for prefix in prefixes or ("",) for name in names.split())
        shapes.append(Shape(spellings, source.strip()))
    return tuple(shapes)


def _both_sides(table: str, *prefixes: str) -> tuple[Shape, ...]:
    """Two shapes for each line of "NAME = source": NAMEL is driven by sourceLeft, NAMER by sourceRight."""
    shapes = []
    for line in table.strip().splitlines():
        names, _, source = line.partition("=")
        for side in ("Left", "Right"):
            spellings = tuple(prefix + name + side[0] for prefix in prefixes or ("",) for name in names.split())
            shapes.append(Shape(spellings, source.strip() + side))
    return tuple(shapes)


ARKIT = Preset(
    "ARKIT",
    # The 52 names. Spelt as well with _L and _R, with a number before them (Character Creator's A25_Jaw_Open), behind
    # the name of a node (Maya's blendShape1.jawOpen), with words apart. Faceit's ARKit shapes have Apple's names.
    "https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation",
    tuple(Shape((name,), name) for name in ARKIT_NAMES),
)

OCULUS = Preset(
    "OCULUS",
    # The sounds that each viseme stands for: https://developers.meta.com/horizon/documentation/unity/
    # audio-ovrlipsync-viseme-reference/ - its "sil" is the face at rest. Names with vrc.v_ are VRChat's.
    "https://docs.readyplayer.me/ready-player-me/api-reference/avatars/morph-targets/oculus-ovr-libsync",
    _shapes(
        """
        PP = soundP
        FF = soundF
        TH = soundTh
        DD = soundT
        kk = soundK
        CH = soundSh
        SS = soundS
        nn = soundN
        RR = soundR
        aa = soundAh
        E = soundEh
        I ih = soundEe
        O oh = soundOh
        U ou = soundOo
        """,
        "viseme_",
        "vrc.v_",
        "v_",
        "",
    )
    + _shapes(
        """
        mouthSmile = mouthSmile
        eyesClosed = eyeBlink
        eyesLookUp = eyeLookUp
        eyesLookDown = eyeLookDown
        """
    ),
)

VRM = Preset(
    "VRM",
    # A, I, U, E, O and Blink_L are the names of VRM 0 (specification/0.0 in the same place), the kana MikuMikuDance's.
    # Shapes that show a mood with the whole face (Joy, happy) are left to the artist.
    "https://github.com/vrm-c/vrm-specification/blob/master/specification/VRMC_vrm-1.0/expressions.md",
    _shapes(
        """
        aa A あ = soundAh
        ih I い = soundEe
        ou U う = soundOo
        ee E え = soundEh
        oh O お = soundOh
        blink まばたき = eyeBlink
        blinkLeft = eyeBlinkLeft
        blinkRight = eyeBlinkRight
        lookUp = eyeLookUp
        lookDown = eyeLookDown
        lookLeft = eyesLookLeft
        lookRight = eyesLookRight
        """
    ),
)

VROID = Preset(
    "VROID",
    # The shapes that VRoid Studio exports, as an owner of such a face has described them. A whole mood of the face
    # (Fcl_ALL_Joy) is left to the artist.
    "https://extra-ordinary.tv/2021/01/15/example-expressions-from-blendshapes-with-vroid-studio-hana_tool-and-unity/",
    _shapes(
        """
        Fcl_MTH_A MTH_A = soundAh
        Fcl_MTH_I MTH_I = soundEe
        Fcl_MTH_U MTH_U = soundOo
        Fcl_MTH_E MTH_E = soundEh
        Fcl_MTH_O MTH_O = soundOh
        Fcl_MTH_Fun MTH_Fun = mouthSmile
        Fcl_MTH_Sorrow MTH_Sorrow = mouthFrown
        Fcl_EYE_Close EYE_Close = eyeBlink
        Fcl_EYE_Close_L EYE_Close_L = eyeBlinkLeft
        Fcl_EYE_Close_R EYE_Close_R = eyeBlinkRight
        Fcl_EYE_Spread EYE_Spread = eyeWide
        Fcl_BRW_Angry BRW_Angry = browDown
        Fcl_BRW_Sorrow BRW_Sorrow = browInnerUp
        Fcl_BRW_Surprised BRW_Surprised = browUp
        """
    ),
)

METAHUMAN = Preset(
    "METAHUMAN",
    # The control curves, in Unreal with CTRL_expressions_ before them. Which of the 52 moves which of them is anatomy.
    # LipsTogether is how far the lips are shut, whatever the jaw does.
    "https://dev.epicgames.com/documentation/en-us/metahuman/mh-standards-docs/mha_index",
    _both_sides(
        """
        browDown = browDown
        browRaiseOuter = browOuterUp
        eyeBlink = eyeBlink
        eyeWiden = eyeWide
        eyeSquintInner = eyeSquint
        eyeCheekRaise = cheekSquint
        eyeLookUp = eyeLookUp
        eyeLookDown = eyeLookDown
        noseWrinkle = noseSneer
        mouthUpperLipRaise = mouthUpperUp
        mouthLowerLipDepress = mouthLowerDown
        mouthCornerPull = mouthSmile
        mouthCornerDepress = mouthFrown
        mouthStretch = mouthStretch
        mouthDimple = mouthDimple
        mouthPressU = mouthPress
        mouthPressD = mouthPress
        """,
        "CTRL_expressions_",
        "",
    )
    + _shapes(
        """
        browRaiseInL = browInnerUp
        browRaiseInR = browInnerUp
        eyeLookLeftL = eyeLookOutLeft
        eyeLookRightL = eyeLookInLeft
        eyeLookLeftR = eyeLookInRight
        eyeLookRightR = eyeLookOutRight
        mouthCheekBlowL = cheekPuff
        mouthCheekBlowR = cheekPuff
        mouthLipsPurseUL = mouthPucker
        mouthLipsPurseUR = mouthPucker
        mouthLipsPurseDL = mouthPucker
        mouthLipsPurseDR = mouthPucker
        mouthFunnelUL = mouthFunnel
        mouthFunnelUR = mouthFunnel
        mouthFunnelDL = mouthFunnel
        mouthFunnelDR = mouthFunnel
        mouthLipsTogetherUL = lipsTogether
        mouthLipsTogetherUR = lipsTogether
        mouthLipsTogetherDL = lipsTogether
        mouthLipsTogetherDR = lipsTogether
        mouthUpperLipRollInL = mouthRollUpper
        mouthUpperLipRollInR = mouthRollUpper
        mouthLowerLipRollInL = mouthRollLower
        mouthLowerLipRollInR = mouthRollLower
        mouthLeft = mouthLeft
        mouthRight = mouthRight
        jawOpen = jawOpen
        jawLeft = jawLeft
        jawRight = jawRight
        jawFwd = jawForward
        jawChinRaiseDL = mouthShrugLower
        jawChinRaiseDR = mouthShrugLower
        jawChinRaiseUL = mouthShrugUpper
        jawChinRaiseUR = mouthShrugUpper
        tongueOut = tongueOut
        """,
        "CTRL_expressions_",
        "",
    ),
)

RHUBARB = Preset(
    "RHUBARB",
    # X is the mouth at rest.
    "https://github.com/DanielSWolf/rhubarb-lip-sync#mouth-shapes",
    _shapes(
        """
        A = soundP
        B = soundS
        C = soundEh
        D = soundAh
        E = soundOh
        F = soundOo
        G = soundF
        H = soundL
        """,
        "",
        "rhubarb_",
        "mouth_",
        "viseme_",
    ),
)

PRESTON_BLAIR = Preset(
    "PRESTON_BLAIR",
    # As Papagayo, Moho and Rhubarb's --datUsePrestonBlair name his series of mouths; "rest" is the mouth at rest.
    "https://github.com/morevnaproject-org/papagayo-ng",
    _shapes(
        """
        AI = soundAh
        E = soundEe
        etc = soundS
        FV = soundF
        L = soundL
        MBP = soundP
        O = soundOh
        U = soundOu
        WQ = soundOo
        """,
        "",
        "mouth_",
        "phoneme_",
    ),
)

FACEIT = Preset(
    "FACEIT",
    # Faceit makes these beside its ARKit shapes (which are ARKit's by name); they are the 46 of NVIDIA Audio2Face.
    "https://faceit-doc.readthedocs.io/en/latest/",
    _both_sides(
        """
        browLower = browDown
        outerBrowRaiser = browOuterUp
        eyesClose = eyeBlink
        eyesUpperLidRaiser = eyeWide
        squint = eyeSquint
        cheekRaiser = cheekSquint
        noseWrinkler = noseSneer
        dimpler dimple = mouthDimple
        lipCornerPuller = mouthSmile
        lipCornerDepressor = mouthFrown
        lipStretcher = mouthStretch
        upperLipRaiser = mouthUpperUp
        lowerLipDepressor = mouthLowerDown
        """
    )
    + _shapes(
        """
        innerBrowRaiserL = browInnerUp
        innerBrowRaiserR = browInnerUp
        cheekPuffL = cheekPuff
        cheekPuffR = cheekPuff
        eyesLookUp = eyeLookUp
        eyesLookDown = eyeLookDown
        eyesLookLeft = eyesLookLeft
        eyesLookRight = eyesLookRight
        jawDrop = jawOpen
        jawDropLipTowards = mouthClose
        jawThrust = jawForward
        jawSlideLeft = jawLeft
        jawSlideRight = jawRight
        mouthSlideLeft = mouthLeft
        mouthSlideRight = mouthRight
        chinRaiser = mouthShrugLower
        lipPressor = mouthPress
        pucker = mouthPucker
        funneler = mouthFunnel
        lipSuck = mouthRoll
        """
    ),
)

PRESETS: tuple[Preset, ...] = (ARKIT, OCULUS, VROID, VRM, METAHUMAN, RHUBARB, PRESTON_BLAIR, FACEIT)
"""All conventions. Of those that fit a face equally well, the first is taken."""
