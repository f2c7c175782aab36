# SPDX-License-Identifier: GPL-3.0-or-later
"""What a face does in each mood and how that follows the voice: tables of numbers, which expression.py performs.

The moods follow the action units of the Facial Action Coding System (Ekman, Friesen and Hager 2002) as its
investigator's guide ascribes them: happy 6+12, sad 1+4+15+17, angry 4+5+7+10+22+23+24 (the mouth pressed, or squared),
fear 1+2+4+5+7+20, disgust 9+10+15+17, surprise 1+2+5+26. How far they swing is what five actors showed: a channel that
leads a mood has a mean of 0.3 to 0.6 where the feeling is strong, and spreads over a third of that and more.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Movement:
    """How a channel follows the voice, as parts of its size; each is multiplied by that signal of prosody.Prosody.

    hold: what is always there. Where they add up to less than nothing, the channel rests.
    """

    hold: float = 0.0
    activity: float = 0.0
    onset: float = 0.0
    cadence: float = 0.0
    swell: float = 0.0
    accent: float = 0.0


# Sizes in fluent speech at strength 1; names without a side stand for both. Lids are lowered by the gaze and the lower
# lid: the upper one is left to the blinks.
FACES: dict[str, dict[str, float]] = {
    "neutral": {},
    "happy": {
        "mouthSmile": 0.52, "cheekSquint": 0.50, "eyeSquint": 0.30, "mouthDimple": 0.14, "mouthUpperUp": 0.10,
        "browOuterUp": 0.10,
    },
    "sad": {
        "browInnerUp": 0.54, "browDown": 0.14, "mouthFrown": 0.60, "mouthShrugLower": 0.38, "eyeLookDown": 0.30,
        "eyeSquint": 0.18,
    },
    "angry": {
        "browDown": 0.63, "eyeSquint": 0.28, "eyeWide": 0.24, "noseSneer": 0.32, "cheekSquint": 0.10,
        "mouthPress": 0.42, "mouthFrown": 0.22, "mouthStretch": 0.18, "mouthUpperUp": 0.16, "mouthLowerDown": 0.26,
        "mouthFunnel": 0.12, "mouthRollUpper": 0.12, "jawForward": 0.22,
    },
    "fear": {
        "browInnerUp": 0.54, "browOuterUp": 0.14, "browDown": 0.22, "eyeWide": 0.50, "eyeSquint": 0.14,
        "mouthStretch": 0.54, "mouthFrown": 0.20, "mouthLowerDown": 0.20,
    },
    "disgust": {
        "noseSneer": 0.56, "mouthUpperUp": 0.42, "cheekSquint": 0.44, "eyeSquint": 0.40, "browDown": 0.20,
        "mouthFrown": 0.34, "mouthShrugLower": 0.34, "mouthShrugUpper": 0.26, "mouthLowerDown": 0.10,
    },
    "surprise": {
        "browInnerUp": 0.54, "browOuterUp": 0.56, "eyeWide": 0.48, "jawOpen": 0.14, "mouthFunnel": 0.14,
    },
}  # fmt: skip

# By the beginning of a channel's name; the longest that fits. The upper face swings most; the mouth, which has words
# to form, least.
MOVEMENTS: dict[str, Movement] = {
    "brow": Movement(hold=0.58, activity=-0.20, onset=0.30, swell=0.42, accent=1.05),
    "eyeWide": Movement(hold=0.54, activity=-0.18, onset=0.50, swell=0.36, accent=1.10),
    "eyeSquint": Movement(hold=0.60, activity=-0.10, cadence=0.40, swell=0.95),
    "eyeLook": Movement(hold=0.70, activity=-0.10, cadence=1.10, swell=0.60, accent=-0.20),
    "cheek": Movement(hold=0.56, activity=-0.16, cadence=0.25, swell=0.62, accent=0.80),
    "nose": Movement(hold=0.58, activity=-0.20, onset=0.30, swell=0.42, accent=1.05),
    "mouth": Movement(hold=0.78, activity=-0.12, cadence=0.10, swell=0.30, accent=0.50),
    "jaw": Movement(hold=0.50, onset=0.30, swell=0.40, accent=0.80),
}
MOOD_MOVEMENTS: dict[str, dict[str, Movement]] = {
    "happy": {
        "mouthSmile": Movement(hold=0.72, activity=-0.16, cadence=0.25, swell=0.50, accent=0.50),
        "cheek": Movement(hold=0.58, activity=-0.20, cadence=0.30, swell=0.62, accent=0.80),
    },
    "angry": {"eyeSquint": Movement(hold=1.00, swell=0.55, accent=-0.95)},
    "surprise": {"brow": Movement(hold=0.58, activity=-0.24, onset=0.50, swell=0.42, accent=1.05)},
}
"""Where a mood moves a channel otherwise. Angry lids narrow, and are torn open on what is stressed."""

LEADS: dict[str, int] = {"brow": 3, "eye": 2, "cheek": -2, "nose": 1, "mouth": -1, "jaw": 0}
"""Frames by which parts of the face come before the voice: a face shows a mood before it speaks, and cheeks answer."""

SPEAKING: dict[str, Movement] = {
    "browInnerUp": Movement(onset=0.14, swell=0.06, accent=0.34),
    "browOuterUp": Movement(onset=0.12, accent=0.26),
    "browDown": Movement(activity=0.10, swell=-0.04, onset=-0.10, accent=-0.16),
    "eyeWide": Movement(onset=0.08, accent=0.13),
    "eyeSquint": Movement(activity=0.05, cadence=0.12, swell=0.05, accent=-0.06),
    "cheekSquint": Movement(swell=0.05, accent=0.06),
}
"""What any speaking face does, in sizes of the channels: brows rise with stressed words and gather between them."""


@dataclass(frozen=True)
class Manner:
    """How a mood moves the speaking face, as factors: of the opening, of rounding, of spreading the corners.

    raising: of what any speaking face does with its brows and lids, which a frown holds down.
    """

    opening: float = 1.0
    rounding: float = 1.0
    spreading: float = 1.0
    raising: float = 1.0


MANNERS: dict[str, Manner] = {
    "neutral": Manner(),
    "happy": Manner(opening=1.08, rounding=0.9, spreading=1.1, raising=0.6),
    "sad": Manner(opening=0.78, rounding=0.9, spreading=0.7, raising=0.2),
    "angry": Manner(opening=1.22, rounding=1.1, spreading=1.2, raising=0.0),
    "fear": Manner(opening=0.95, rounding=0.8, spreading=1.3, raising=0.2),
    "disgust": Manner(opening=0.9, rounding=0.9, spreading=1.0, raising=0.1),
    "surprise": Manner(opening=1.32, rounding=1.1, spreading=0.8, raising=0.3),
}

LOPSIDED: dict[str, dict[str, float]] = {
    "neutral": {"browOuterUp": 0.12},
    "happy": {"mouthSmile": 0.06, "mouthDimple": 0.15},
    "sad": {"mouthFrown": -0.06},
    "angry": {"browDown": -0.05, "noseSneer": 0.10, "mouthStretch": 0.08},
    "fear": {"mouthStretch": 0.06},
    "disgust": {"noseSneer": 0.14, "mouthUpperUp": 0.18, "cheekSquint": 0.10, "mouthFrown": -0.10},
    "surprise": {"browOuterUp": 0.06},
}
"""How much stronger the left side of a channel is, and weaker the right; no feeling is quite even."""
DRIFT = 0.10
"""How far the sides go apart and come back with the swells of the voice, in the parts in DRIFTING."""
DRIFTING = (
    "browDown", "browOuterUp", "cheekSquint", "noseSneer", "mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch",
)  # fmt: skip
