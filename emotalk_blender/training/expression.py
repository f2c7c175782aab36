# SPDX-License-Identifier: GPL-3.0-or-later
"""The teacher of the rest of the face: seven emotions in any strength, and persons as styles of speaking.

The emotions follow the action units of the Facial Action Coding System (Ekman, Friesen and Hager 2002) as its
investigator's guide ascribes them: happy 6+12, sad 1+4+15+17, angry 4+5+7+23, fear 1+2+4+5+20, disgust 9+10+15+17,
surprise 1+2+5+26. They breathe with the phrase and rise on its accents: an emotion is a performance, not a mask.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from ..curves import ARKIT_NAMES, CHANNEL, FloatArray
from ..inference.performance import EMOTIONS
from .articulation import Speech

PERSONS = 24

# Blendshapes at strength 1; names without a side stand for both.
FACES: dict[str, dict[str, float]] = {
    "neutral": {},
    "happy": {
        "mouthSmile": 0.66, "cheekSquint": 0.55, "eyeSquint": 0.28, "mouthDimple": 0.15, "mouthUpperUp": 0.10,
        "browInnerUp": 0.10, "browOuterUp": 0.14,
    },
    "sad": {
        "browInnerUp": 0.75, "browDown": 0.14, "mouthFrown": 0.60, "mouthShrugLower": 0.28, "eyeLookDown": 0.25,
        "eyeSquint": 0.16, "mouthRollLower": 0.06,
    },
    "angry": {
        "browDown": 0.85, "eyeSquint": 0.32, "eyeWide": 0.20, "noseSneer": 0.42, "mouthFrown": 0.24, "mouthPress": 0.18,
        "mouthUpperUp": 0.10, "mouthLowerDown": 0.10, "jawForward": 0.16, "mouthStretch": 0.08,
    },
    "fear": {
        "browInnerUp": 0.80, "browOuterUp": 0.35, "browDown": 0.20, "eyeWide": 0.72, "mouthStretch": 0.55,
        "mouthFrown": 0.14, "mouthLowerDown": 0.10,
    },
    "disgust": {
        "noseSneer": 0.85, "mouthUpperUp": 0.32, "browDown": 0.42, "cheekSquint": 0.38, "eyeSquint": 0.34,
        "mouthFrown": 0.30, "mouthShrugLower": 0.22, "mouthShrugUpper": 0.16,
    },
    "surprise": {
        "browInnerUp": 0.82, "browOuterUp": 0.85, "eyeWide": 0.66, "jawOpen": 0.10, "mouthFunnel": 0.06,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Manner:
    """How a mood moves the speaking mouth, as factors: of the opening, of rounding, of spreading the corners."""

    opening: float = 1.0
    rounding: float = 1.0
    spreading: float = 1.0


MANNERS: dict[str, Manner] = {
    "neutral": Manner(),
    "happy": Manner(opening=1.08, rounding=0.75, spreading=1.1),
    "sad": Manner(opening=0.78, rounding=0.9, spreading=0.7),
    "angry": Manner(opening=1.18, rounding=1.1, spreading=1.2),
    "fear": Manner(opening=0.95, rounding=0.85, spreading=1.2),
    "disgust": Manner(opening=0.9, rounding=0.9, spreading=1.0),
    "surprise": Manner(opening=1.22, rounding=1.05, spreading=0.9),
}

OPENING = ("jawOpen", "mouthClose", "mouthLowerDown", "mouthUpperUp")
ROUNDING = ("mouthFunnel", "mouthPucker")
SPREADING = ("mouthStretch", "mouthSmile", "mouthDimple")
PARTING = ("jawOpen", "mouthUpperUp", "mouthLowerDown", "mouthFunnel")
"""Channels of an emotion that give way in silence and where the words bring the lips together."""

ACCENT = {"browInnerUp": 0.22, "browOuterUp": 0.20, "eyeWide": 0.06}
"""What the brows do on stressed words in any mood, before the person's brow activity."""


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
    plain = _strong_face(speech, "neutral", person)
    if emotion == "neutral" or strength == 0:
        return np.clip(plain, 0, 1)
    face = plain + strength * (_strong_face(speech, emotion, person) - plain)
    return np.clip(face, 0, 1).astype(np.float32)


def _strong_face(speech: Speech, emotion: str, person: int) -> FloatArray:
    """The face of an emotion at strength 1, not yet clipped: [frames, 52]."""
    who = style(person)
    mouth = speech.curves * _factors(emotion, person)
    breath = 0.8 + 0.2 * speech.activity + 0.2 * speech.accent
    shut = 1 - speech.activity * (1 - speech.contact)
    yields = 1 - _parting()[None] * shut[:, None]
    curves = mouth + who.expressiveness * breath[:, None] * _offsets(emotion) * yields
    # A smile cannot stay wide while the lips round.
    for side in ("Left", "Right"):
        curves[:, CHANNEL[f"mouthSmile{side}"]] *= 1 - 0.5 * speech.curves[:, CHANNEL["mouthPucker"]]
    curves += who.brows * speech.accent[:, None] * _vector(ACCENT)
    curves *= _asymmetry(person)
    # Where the lips are shut the jaw and mouthClose must agree.
    jaw, close = CHANNEL["jawOpen"], CHANNEL["mouthClose"]
    curves[:, close] = np.minimum(curves[:, close], np.maximum(curves[:, jaw], 0))
    result: FloatArray = curves.astype(np.float32)
    return result


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
def _offsets(emotion: str) -> FloatArray:
    return _vector(FACES[emotion])


@functools.cache
def _parting() -> FloatArray:
    return _vector(dict.fromkeys(PARTING, 1.0))


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
