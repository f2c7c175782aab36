# SPDX-License-Identifier: GPL-3.0-or-later
"""The teacher of the rest of the face: seven emotions in any strength, and persons as styles of speaking.

The emotions follow the action units of the Facial Action Coding System (Ekman, Friesen and Hager 2002) as its
investigator's guide ascribes them: happy 6+12, sad 1+4+15+17, angry 4+5+7+23, fear 1+2+4+5+7+20, disgust 9+10+15+17,
surprise 1+2+5+26. They breathe with the phrase and rise on its accents, the upper face a little ahead of the mouth, and
give way where the words need the lips: an emotion is a performance, not a mask.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from ...curves import ARKIT_NAMES, CHANNEL, FloatArray, lip_opening
from ...inference.performance import EMOTIONS
from .articulation import Speech

PERSONS = 24

# Blendshapes at strength 1; names without a side stand for both. Lids are lowered by the gaze and the lower lid: the
# upper one is left to the blinks.
FACES: dict[str, dict[str, float]] = {
    "neutral": {},
    "happy": {
        "mouthSmile": 0.72, "cheekSquint": 0.60, "eyeSquint": 0.34, "mouthDimple": 0.15, "mouthUpperUp": 0.10,
        "browInnerUp": 0.10, "browOuterUp": 0.16,
    },
    "sad": {
        "browInnerUp": 0.86, "browDown": 0.18, "mouthFrown": 0.78, "mouthShrugLower": 0.35, "eyeLookDown": 0.30,
        "eyeSquint": 0.24,
    },
    "angry": {
        "browDown": 0.86, "eyeSquint": 0.38, "eyeWide": 0.20, "noseSneer": 0.32, "mouthFrown": 0.28, "mouthPress": 0.32,
        "mouthUpperUp": 0.10, "mouthLowerDown": 0.12, "jawForward": 0.18, "mouthStretch": 0.08,
    },
    "fear": {
        "browInnerUp": 0.88, "browOuterUp": 0.38, "browDown": 0.20, "eyeWide": 0.72, "eyeSquint": 0.08,
        "mouthStretch": 0.70, "mouthFrown": 0.24, "mouthLowerDown": 0.10,
    },
    "disgust": {
        "noseSneer": 0.84, "mouthUpperUp": 0.34, "browDown": 0.45, "cheekSquint": 0.40, "eyeSquint": 0.40,
        "mouthFrown": 0.32, "mouthShrugLower": 0.28, "mouthShrugUpper": 0.12, "mouthPress": 0.12,
    },
    "surprise": {
        "browInnerUp": 0.80, "browOuterUp": 0.86, "eyeWide": 0.60, "jawOpen": 0.08, "mouthFunnel": 0.08,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Manner:
    """How a mood moves the speaking face, as factors: of the opening, of rounding, of spreading the corners.

    raising: of the brows' rising on accents, which a frown holds down.
    """

    opening: float = 1.0
    rounding: float = 1.0
    spreading: float = 1.0
    raising: float = 1.0


MANNERS: dict[str, Manner] = {
    "neutral": Manner(),
    "happy": Manner(opening=1.08, rounding=0.9, spreading=1.1),
    "sad": Manner(opening=0.78, rounding=0.9, spreading=0.7, raising=0.5),
    "angry": Manner(opening=1.18, rounding=1.1, spreading=1.2, raising=0.1),
    "fear": Manner(opening=0.95, rounding=0.85, spreading=1.2, raising=0.6),
    "disgust": Manner(opening=0.9, rounding=0.9, spreading=1.0, raising=0.2),
    "surprise": Manner(opening=1.28, rounding=1.05, spreading=0.9),
}

OPENING = ("jawOpen", "mouthClose", "mouthLowerDown", "mouthUpperUp")
ROUNDING = ("mouthFunnel", "mouthPucker")
SPREADING = ("mouthStretch", "mouthSmile", "mouthDimple")

# What an emotion may add to the mouth without spoiling the words.
PARTING = {"jawOpen": 1.0, "mouthUpperUp": 1.0, "mouthLowerDown": 1.0, "mouthFunnel": 1.0, "noseSneer": 0.2}
"""How far channels of an emotion give way in silence and where the words bring the lips together."""
PARTED = 0.10
"""Opening (articulation.opening) of the words from which on they no longer give way."""
HOLDING = {"mouthPress": 0.5, "mouthShrugLower": 0.6, "mouthShrugUpper": 0.4}
"""How far channels of an emotion that hold the lips together give way where the words open them."""
HELD_OPEN = 0.35
"""Opening of the words at which they have given way."""
WIDENING = {"mouthSmile": 0.6, "mouthStretch": 0.6, "mouthDimple": 0.6}
"""How far mouth corners that are drawn outwards give way to rounded lips."""

ACCENT = {"browInnerUp": 0.22, "browOuterUp": 0.20, "eyeWide": 0.06}
"""What the brows do on stressed words in any mood, before the person's brow activity."""


@dataclass(frozen=True)
class Breath:
    """How an emotion moves in time: the part of it that stays in silence, and what an accent adds to the whole."""

    silence: float
    accent: float


BREATHS: dict[str, Breath] = {
    "brow": Breath(silence=0.66, accent=0.30),
    "eye": Breath(silence=0.70, accent=0.20),
    "cheek": Breath(silence=0.64, accent=0.25),
    "nose": Breath(silence=0.66, accent=0.25),
    "mouth": Breath(silence=0.74, accent=0.10),
    "jaw": Breath(silence=0.70, accent=0.10),
}
"""By the beginning of a blendshape's name: the upper face swings most, the mouth, which has words to form, least."""
UPPER_FACE = ("brow", "eye")
UPPER_LEAD = 4
"""Frames by which brows and lids rise and fall before the rest: a face shows a mood before the voice does."""


@dataclass(frozen=True)
class Style:
    """One person's way of speaking, as factors of the plain one; asymmetry: left stronger when above 0."""

    opening: float = 1.0
    rounding: float = 1.0
    spreading: float = 1.0
    brows: float = 1.0
    expressiveness: float = 1.0
    mouth_asymmetry: float = 0.0
    brow_asymmetry: float = 0.0


def style(person: int) -> Style:
    """The style of a person, 0 to 23; person 0 is the plain one. Raises ValueError for others."""
    if not 0 <= person < PERSONS:
        raise ValueError(f"person {person} is not one of 0 to {PERSONS - 1}")
    if person == 0:
        return Style()
    rng = np.random.default_rng([2303, 11089, person])
    return Style(
        opening=float(rng.uniform(0.75, 1.25)),
        rounding=float(rng.uniform(0.7, 1.2)),
        spreading=float(rng.uniform(0.6, 1.5)),
        brows=float(rng.uniform(0.4, 1.8)),
        expressiveness=float(rng.uniform(0.8, 1.15)),
        mouth_asymmetry=float(rng.uniform(-0.18, 0.18)),
        brow_asymmetry=float(rng.uniform(-0.18, 0.18)),
    )


def perform(speech: Speech, emotion: str, strength: float, person: int = 0) -> FloatArray:
    """The whole face: float32 [frames, 52] in [0, 1].

    emotion: one of EMOTIONS; strength: 0 neutral, 1 strong, above goes past it. It is
    neutral + strength * (strong face - neutral), so strengths lie on a line. Raises ValueError for an unknown emotion.
    """
    if emotion not in FACES:
        raise ValueError(f"{emotion!r} is not one of {', '.join(EMOTIONS)}")
    face = _strong_face(speech, "neutral", person)
    if emotion != "neutral":
        face = face + strength * (_strong_face(speech, emotion, person) - face)
    # mouthClose takes back what jawOpen parts, and no more.
    jaw, close = CHANNEL["jawOpen"], CHANNEL["mouthClose"]
    face[:, close] = np.minimum(face[:, close], face[:, jaw])
    return np.clip(face, 0, 1).astype(np.float32)


def _strong_face(speech: Speech, emotion: str, person: int) -> FloatArray:
    """The face of an emotion at strength 1, not yet clipped: [frames, 52]."""
    who, manner = style(person), MANNERS[emotion]
    mouth = speech.curves * _factors(emotion, person)
    added = who.expressiveness * _breath(speech) * design(emotion) * _yielding(speech)
    raised = who.brows * manner.raising * speech.accent[:, None] * _vector(ACCENT)
    face: FloatArray = ((mouth + added + raised) * _asymmetry(person)).astype(np.float32)
    return face


def _breath(speech: Speech) -> FloatArray:
    """The part of an emotion that each channel shows in each frame, [frames, 52]: about 1 within a phrase."""
    ahead = np.concatenate([speech.activity[UPPER_LEAD:], np.repeat(speech.activity[-1:], UPPER_LEAD)])
    parts = np.zeros((speech.frames, len(ARKIT_NAMES)), np.float32)
    for index, name in enumerate(ARKIT_NAMES):
        region = next((region for region in BREATHS if name.startswith(region)), "mouth")
        activity = ahead[: speech.frames] if region in UPPER_FACE else speech.activity
        breath = BREATHS[region]
        parts[:, index] = breath.silence + (1 - breath.silence) * activity + breath.accent * speech.accent
    return parts


def _yielding(speech: Speech) -> FloatArray:
    """What the words leave of each channel of an emotion, [frames, 52]: 1 where they leave it alone."""
    apart = lip_opening(speech.curves)
    shut = 1 - np.clip(apart / PARTED, 0, 1) * (1 - speech.contact)
    held_open = np.clip(apart / HELD_OPEN, 0, 1)
    rounded = np.clip(speech.curves[:, CHANNEL["mouthPucker"]], 0, 1)
    left: FloatArray = (
        (1 - np.outer(shut, _vector(PARTING)))
        * (1 - np.outer(held_open, _vector(HOLDING)))
        * (1 - np.outer(rounded, _vector(WIDENING)))
    ).astype(np.float32)
    return left


def both(name: str) -> tuple[str, ...]:
    """The ARKit names of a blendshape given without its side."""
    return (name,) if name in CHANNEL else (f"{name}Left", f"{name}Right")


def _vector(values: dict[str, float]) -> FloatArray:
    """A table of blendshapes as one row [52]."""
    row = np.zeros(len(ARKIT_NAMES), np.float32)
    for name, value in values.items():
        for side in both(name):
            row[CHANNEL[side]] = value
    return row


@functools.cache
def design(emotion: str) -> FloatArray:
    """The designed face of an emotion at strength 1, over a neutral one: float32 [52]."""
    return _vector(FACES[emotion])


@functools.cache
def _factors(emotion: str, person: int) -> FloatArray:
    """What the mood and the person make of each channel of the plain mouth, [52]."""
    manner, who = MANNERS[emotion], style(person)
    row = np.ones(len(ARKIT_NAMES), np.float32)
    for names, factor in (
        (OPENING, manner.opening * who.opening),
        (ROUNDING, manner.rounding * who.rounding),
        (SPREADING, manner.spreading * who.spreading),
    ):
        row *= np.where(_vector(dict.fromkeys(names, 1.0)) > 0, factor, 1.0)
    return row


@functools.cache
def _asymmetry(person: int) -> FloatArray:
    """Factor of each channel [52]: the left and the right of mouth and brows."""
    who = style(person)
    row = np.ones(len(ARKIT_NAMES), np.float32)
    for index, name in enumerate(ARKIT_NAMES):
        side = 1.0 if name.endswith("Left") else -1.0 if name.endswith("Right") else 0.0
        if name.startswith("mouth") and name not in ("mouthLeft", "mouthRight"):
            row[index] += side * who.mouth_asymmetry
        elif name.startswith("brow"):
            row[index] += side * who.brow_asymmetry
    return row
