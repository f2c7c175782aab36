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


def _both_sides(table: str, *prefixes: str, sides: tuple[str, str] = ("L", "R")) -> tuple[Shape, ...]:
    """Lines of "NAME = source" without their sides: NAMEL is driven by sourceLeft, NAMER by sourceRight.

    Where a name has its side within, a * stands for it.
    """
    shapes = []
    for line in table.strip().splitlines():
        names, _, source = line.partition("=")
        for side, channel_side in zip(sides, ("Left", "Right"), strict=True):
            sided = [name.replace("*", side) if "*" in name else name + side for name in names.split()]
            spellings = tuple(prefix + name for prefix in prefixes or ("",) for name in sided)
            shapes.append(Shape(spellings, source.strip() + channel_side))
    return tuple(shapes)


def _parts(table: str, *ends: str) -> tuple[Shape, ...]:
    """Lines of "NAME = source": a shape that comes in parts, NAME with each of these ends, all driven alike."""
    shapes = []
    for line in table.strip().splitlines():
        name, _, source = line.partition("=")
        shapes += [Shape((name.strip() + end,), source.strip()) for end in ends]
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

MMD = Preset(
    "MMD",
    # The morphs that most models have, as an owner of several has listed them. One eye shuts with ウィンク２ as in a
    # blink, with ウィンク as in a smile; 右 is the right one. Their names tell which of the 52 they look like.
    "https://pingpongfrog.com/archives/2959",
    _shapes(
        """
        あ = soundAh
        い = soundEe
        う = soundOo
        え = soundEh
        お = soundOh
        まばたき = eyeBlink
        ウィンク２ ウィンク2 ｳｨﾝｸ２ ウインク２ ウィンク ｳｨﾝｸ ウインク = eyeBlinkLeft
        ウィンク２右 ウィンク2右 ｳｨﾝｸ２右 ウインク２右 ウィンク右 ｳｨﾝｸ右 ウインク右 = eyeBlinkRight
        びっくり = eyeWide
        じと目 ジト目 = eyeSquint
        怒り 下 = browDown
        困る = browInnerUp
        上 = browUp
        口角上げ にやり = mouthSmile
        口角下げ = mouthFrown
        """
    ),
)

_CHARACTER_CREATOR = _both_sides(
    """
    Brow_Drop_ = browDown
    Brow_Raise_Outer_ = browOuterUp
    Eye_*_Look_Up = eyeLookUp
    Eye_*_Look_Down = eyeLookDown
    Eye_Blink_ = eyeBlink
    Eye_Squint_ = eyeSquint
    Eye_Wide_ = eyeWide
    Cheek_Raise_ = cheekSquint
    Nose_Sneer_ = noseSneer
    Jaw_ = jaw
    Mouth_ = mouth
    Mouth_Smile_ = mouthSmile
    Mouth_Frown_ = mouthFrown
    Mouth_Dimple_ = mouthDimple
    Mouth_Up_Upper_ = mouthUpperUp
    Mouth_Down_Lower_ = mouthLowerDown
    Mouth_Press_ = mouthPress
    Mouth_Stretch_ = mouthStretch
    """
) + _shapes(
    """
    Brow_Raise_Inner_L = browInnerUp
    Brow_Raise_Inner_R = browInnerUp
    Eye_L_Look_R = eyeLookInLeft
    Eye_R_Look_L = eyeLookInRight
    Eye_L_Look_L = eyeLookOutLeft
    Eye_R_Look_R = eyeLookOutRight
    Cheek_Puff_L = cheekPuff
    Cheek_Puff_R = cheekPuff
    Jaw_Open = jawOpen
    Jaw_Forward = jawForward
    Mouth_Shrug_Upper = mouthShrugUpper
    Mouth_Shrug_Lower = mouthShrugLower
    Mouth_Close = mouthClose
    """
)
"""What the Standard and the Extended profile of Character Creator 3 Plus and 4 share."""

CC_STANDARD = Preset(
    "CC_STANDARD",
    "https://manual.reallusion.com/Character-Creator-4/Content/ENU/4.0/24-Facial-Profile/Introducing-Facial-Profile.htm",
    _CHARACTER_CREATOR
    + _shapes(
        """
        Mouth_Funnel = mouthFunnel
        Mouth_Pucker = mouthPucker
        Mouth_Roll_In_Upper = mouthRollUpper
        Mouth_Roll_In_Lower = mouthRollLower
        """
    ),
)

CC_EXTENDED = Preset(
    "CC_EXTENDED",
    CC_STANDARD.reference,
    _CHARACTER_CREATOR
    + _parts(
        """
        Mouth_Funnel = mouthFunnel
        Mouth_Pucker = mouthPucker
        """,
        *("_Up_L", "_Up_R", "_Down_L", "_Down_R"),
    )
    + _parts(
        """
        Mouth_Roll_In_Upper = mouthRollUpper
        Mouth_Roll_In_Lower = mouthRollLower
        """,
        *("_L", "_R"),
    ),
)

CC_HD = Preset(
    "CC_HD",
    # The names of a MetaHuman's control curves with words apart, but not all of them.
    CC_STANDARD.reference,
    _both_sides(
        """
        Brow_Down_ = browDown
        Brow_Raise_Outer_ = browOuterUp
        Eye_Look_Up_ = eyeLookUp
        Eye_Look_Down_ = eyeLookDown
        Eye_Blink_ = eyeBlink
        Eye_Squint_Inner_ = eyeSquint
        Eye_Widen_ = eyeWide
        Eye_Cheek_Raise_ = cheekSquint
        Nose_Wrinkle_Upper_ = noseSneer
        Mouth_Corner_Pull_ = mouthSmile
        Mouth_Corner_Depress_ = mouthFrown
        Mouth_Dimple_ = mouthDimple
        Mouth_UpperLip_Raise_ = mouthUpperUp
        Mouth_LowerLip_Depress_ = mouthLowerDown
        Mouth_Lips_Press_ = mouthPress
        Mouth_Stretch_ = mouthStretch
        """
    )
    + _parts(
        """
        Mouth_Funnel_ = mouthFunnel
        Mouth_Lips_Purse_ = mouthPucker
        Mouth_Lips_Together_ = mouthClose
        """,
        *("UL", "UR", "DL", "DR"),
    )
    + _parts(
        """
        Brow_Raise_In_ = browInnerUp
        Mouth_Cheek_Blow_ = cheekPuff
        Mouth_UpperLip_Bite_ = mouthRollUpper
        Mouth_LowerLip_Bite_ = mouthRollLower
        Mouth_Mouth_Press_U = mouthShrugUpper
        Mouth_Mouth_Press_D = mouthShrugLower
        """,
        *("L", "R"),
    )
    + _shapes(
        """
        Eye_Look_Right_L = eyeLookInLeft
        Eye_Look_Left_R = eyeLookInRight
        Eye_Look_Left_L = eyeLookOutLeft
        Eye_Look_Right_R = eyeLookOutRight
        Jaw_Open = jawOpen
        Jaw_Fwd = jawForward
        Jaw_Left = jawLeft
        Jaw_Right = jawRight
        Mouth_Left = mouthLeft
        Mouth_Right = mouthRight
        """
    ),
)


def _daz_8_1(name: str) -> Shape:
    """One of the 52 as Genesis 8.1 has it: a pose of joints, a morph of the mesh, or a control of several."""
    kinds = ("facs_bs_", "facs_jnt_", "facs_ctrl_")
    capital = name[0].upper() + name[1:]
    return Shape(tuple(kind + capital + half for kind in kinds for half in ("_div2", "")), name)


DAZ_8_1 = Preset(
    "DAZ_8_1",
    "https://docs.daz3d.com/public/read_me/index/71717/start",
    tuple(_daz_8_1(name) for name in ARKIT_NAMES),
)

DAZ_9 = Preset(
    "DAZ_9",
    "https://docs.daz3d.com/public/read_me/index/86256/start",
    _both_sides(
        """
        facs_bs_BrowDown = browDown
        facs_bs_BrowOuterUp = browOuterUp
        facs_bs_CheekSquint = cheekSquint
        facs_bs_EyeBlink = eyeBlink
        facs_bs_EyeLookDown = eyeLookDown
        facs_bs_EyeLookIn = eyeLookIn
        facs_bs_EyeLookOut = eyeLookOut
        facs_bs_EyeLookUp = eyeLookUp
        facs_bs_EyeSquint = eyeSquint
        facs_bs_EyeWide = eyeWide
        facs_bs_EyelidOpenUpper = eyeWide
        facs_bs_EyelidOpenLower = eyeWide
        facs_bs_Mouth = mouth
        facs_bs_Jaw = jaw
        facs_bs_MouthDimple = mouthDimple
        facs_bs_MouthFrown = mouthFrown
        facs_bs_MouthLowerDown = mouthLowerDown
        facs_bs_MouthPressUpper = mouthPress
        facs_bs_MouthPressLower = mouthPress
        facs_bs_MouthSmile = mouthSmile
        facs_bs_MouthStretch = mouthStretch
        facs_bs_MouthUpperUp = mouthUpperUp
        facs_bs_NoseSneer = noseSneer
        """,
        sides=("Left", "Right"),
    )
    + _parts(
        """
        facs_bs_BrowInnerUp = browInnerUp
        facs_bs_CheekPuff = cheekPuff
        facs_bs_MouthCloseUpper = mouthClose
        facs_bs_MouthCloseLower = mouthClose
        facs_bs_MouthFunnelUpper = mouthFunnel
        facs_bs_MouthFunnelLower = mouthFunnel
        facs_bs_MouthPurseUpper = mouthPucker
        facs_bs_MouthPurseLower = mouthPucker
        facs_bs_MouthRollUpper = mouthRollUpper
        facs_bs_MouthRollLower = mouthRollLower
        facs_bs_MouthShrugUpper = mouthShrugUpper
        facs_bs_MouthShrugLower = mouthShrugLower
        """,
        *("Left", "Right"),
    )
    + _shapes(
        """
        facs_bs_JawOpen = jawOpen
        facs_bs_JawForward = jawForward
        facs_bs_TongueOut = tongueOut
        """
    ),
)

FACESHIFT = Preset(
    "FACESHIFT",
    # Faces made for faceshift studio and for its heirs in virtual worlds; both lips and the nose have sides or none.
    "https://docs.overte.org/en/latest/create/avatars/avatar-standards.html",
    _both_sides(
        """
        EyeBlink_ = eyeBlink
        EyeSquint_ = eyeSquint
        EyeDown_ = eyeLookDown
        EyeIn_ = eyeLookIn
        EyeOpen_ = eyeWide
        EyeOut_ = eyeLookOut
        EyeUp_ = eyeLookUp
        BrowsD_ = browDown
        BrowsU_ = browOuterUp
        MouthSmile_ = mouthSmile
        MouthFrown_ = mouthFrown
        MouthDimple_ = mouthDimple
        LipsStretch_ = mouthStretch
        LipsUpperUp_ = mouthUpperUp
        LipsLowerDown_ = mouthLowerDown
        Sneer_ = noseSneer
        CheekSquint_ = cheekSquint
        """
    )
    + _shapes(
        """
        BrowsU_C = browInnerUp
        JawOpen = jawOpen
        JawLeft = jawLeft
        JawRight = jawRight
        JawFwd = jawForward
        LipsUpperUp = mouthUpperUp
        LipsLowerDown = mouthLowerDown
        LipsUpperClose = mouthRollUpper
        LipsLowerClose = mouthRollLower
        LipsPucker = mouthPucker
        LipsFunnel = mouthFunnel
        MouthLeft = mouthLeft
        MouthRight = mouthRight
        ChinLowerRaise = mouthShrugLower
        ChinUpperRaise = mouthShrugUpper
        Sneer = noseSneer
        Puff = cheekPuff
        """
    ),
)

ROCKETBOX = Preset(
    "ROCKETBOX",
    # The 52, numbered by the alphabet, beside the visemes of Oculus; its action units and the HB_ shapes show the same.
    "https://github.com/microsoft/Microsoft-Rocketbox",
    tuple(
        Shape((f"AK_{number:02}_{name[0].upper()}{name[1:]}",), name)
        for number, name in enumerate(ARKIT_NAMES, start=1)
    )
    + _shapes(
        """
        AA_VI_01_PP = soundP
        AA_VI_02_FF = soundF
        AA_VI_03_TH = soundTh
        AA_VI_04_DD = soundT
        AA_VI_05_KK = soundK
        AA_VI_06_CH = soundSh
        AA_VI_07_SS = soundS
        AA_VI_08_nn = soundN
        AA_VI_09_RR = soundR
        AA_VI_10_aa = soundAh
        AA_VI_11_E = soundEh
        AA_VI_12_I = soundEe
        AA_VI_13_O = soundOh
        AA_VI_14_U = soundOo
        """
    ),
)

PRESETS: tuple[Preset, ...] = (
    *(ARKIT, OCULUS, VROID, MMD, VRM, METAHUMAN, RHUBARB, PRESTON_BLAIR, FACEIT),
    *(CC_STANDARD, CC_EXTENDED, CC_HD, DAZ_8_1, DAZ_9, FACESHIFT, ROCKETBOX),
)
"""Of those that fit equally well, the first is taken."""
