# SPDX-License-Identifier: GPL-3.0-or-later
"""The teacher of the rest of the face: seven emotions in any strength, and persons as styles of speaking.

An emotion is a performance, not a mask: it rises and falls with phrases and stressed syllables, the upper face a
little ahead of the mouth, cheeks and lids answer, and it gives way where the words need the lips. Nothing is left to
chance: all movement is told by the phones and the loudness, so that a network can learn it. The tables of numbers are
in mood_faces.py.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields

import numpy as np

from ...curves import ARKIT_NAMES, CHANNEL, BoolArray, FloatArray, lip_opening
from ...inference.performance import EMOTIONS
from .articulation import Speech
from .mood_faces import DRIFT, DRIFTING, FACES, LEADS, LOPSIDED, MANNERS, MOOD_MOVEMENTS, MOVEMENTS, SPEAKING, Movement
from .prosody import Prosody

PERSONS = 24

OPENING = ("jawOpen", "mouthClose", "mouthLowerDown", "mouthUpperUp")
ROUNDING = ("mouthFunnel", "mouthPucker")
SPREADING = ("mouthStretch", "mouthSmile", "mouthDimple")

# What an emotion may add to the mouth without spoiling the words.
PARTING = {"jawOpen": 1.0, "mouthUpperUp": 1.0, "mouthLowerDown": 1.0, "mouthFunnel": 1.0, "noseSneer": 0.2}
"""How far channels of an emotion give way in silence and where the words bring the lips together."""
PARTED = 0.12
"""Opening (curves.lip_opening) of the words from which on they no longer give way."""
YIELDING_FRAMES = 5
"""Frames over which channels give way to the words, and come back."""
HOLDING = {"mouthPress": 0.9, "mouthRollUpper": 0.9, "mouthShrugLower": 0.6, "mouthShrugUpper": 0.4}
"""How far channels of an emotion that hold the lips together give way where the words open them."""
HELD_OPEN = 0.5
"""Opening of the words at which they have given way."""
WIDENING = {"mouthSmile": 0.6, "mouthStretch": 0.6, "mouthDimple": 0.6}
"""How far mouth corners that are drawn outwards give way to rounded lips."""


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


def perform(
    speech: Speech,
    emotion: str,
    strength: float,
    person: int = 0,
    captured: BoolArray | None = None,
) -> FloatArray:
    """The whole face: float32 [frames, 52] in [0, 1].

    emotion: one of EMOTIONS; strength: 0 neutral, 1 strong, above goes past it. It is
    neutral + strength * (strong face - neutral), so strengths lie on a line. captured: of an actor's curves, channels
    [52] that show how he speaks already: what any speaking face does is not added to them. Raises ValueError for an
    unknown emotion.
    """
    if emotion not in FACES:
        raise ValueError(f"{emotion!r} is not one of {', '.join(EMOTIONS)}")
    told = np.zeros(len(ARKIT_NAMES), bool) if captured is None else captured
    face = _strong_face(speech, "neutral", person, told)
    if emotion != "neutral":
        face = face + strength * (_strong_face(speech, emotion, person, told) - face)
    # mouthClose takes back what jawOpen parts, and no more.
    jaw, close = CHANNEL["jawOpen"], CHANNEL["mouthClose"]
    face[:, close] = np.minimum(face[:, close], face[:, jaw])
    return np.clip(face, 0, 1).astype(np.float32)


def _strong_face(speech: Speech, emotion: str, person: int, told: BoolArray) -> FloatArray:
    """The face of an emotion at strength 1, not yet clipped: [frames, 52]."""
    who, manner = style(person), MANNERS[emotion]
    speaking = _followed(speech.prosody, {name: (1.0, movement) for name, movement in SPEAKING.items()})
    moved = _followed(
        speech.prosody, {name: (size, movement_of(name, emotion)) for name, size in FACES[emotion].items()}
    )
    mouth = speech.curves * _factors(emotion, person)
    felt = who.expressiveness * moved * _yielding(speech) + who.brows * manner.raising * speaking * ~told
    face: FloatArray = ((mouth + felt * _sides(speech.prosody, emotion)) * _asymmetry(person)).astype(np.float32)
    return face


def movement_of(name: str, emotion: str) -> Movement:
    """How a channel follows the voice in an emotion."""
    for table in (MOOD_MOVEMENTS.get(emotion, {}), MOVEMENTS):
        fitting = [beginning for beginning in table if name.startswith(beginning)]
        if fitting:
            return table[max(fitting, key=len)]
    raise ValueError(f"no movement is known for {name}")


def _followed(voice: Prosody, channels: dict[str, tuple[float, Movement]]) -> FloatArray:
    """Channels of these sizes and movements as they follow the voice: [frames, 52], 0 or above."""
    followed = np.zeros((voice.frames, len(ARKIT_NAMES)), np.float32)
    for name, (size, movement) in channels.items():
        value = movement.hold + sum(
            getattr(movement, field.name) * _shifted(getattr(voice, field.name), _lead(name)) for field in fields(voice)
        )
        followed[:, [CHANNEL[side] for side in both(name)]] = size * np.maximum(value, 0)[:, None]
    return followed


def _lead(name: str) -> int:
    """Frames by which a channel comes before the voice."""
    return next((frames for beginning, frames in LEADS.items() if name.startswith(beginning)), 0)


def _shifted(values: FloatArray, lead: int) -> FloatArray:
    """Values [frames] that come `lead` frames earlier, or later below 0; ends held."""
    return values[np.clip(np.arange(len(values)) + lead, 0, len(values) - 1)]


def _sides(voice: Prosody, emotion: str) -> FloatArray:
    """Factor of what a mood and the voice do on each side, [frames, 52]: about 1."""
    lopsided = _to_the_left(LOPSIDED[emotion])
    drifting = _to_the_left(dict.fromkeys(DRIFTING, DRIFT))
    sides: FloatArray = (1 + lopsided + np.outer(2 * voice.swell - 1, drifting)).astype(np.float32)
    return sides


def _yielding(speech: Speech) -> FloatArray:
    """What the words leave of each channel of an emotion, [frames, 52]: 1 where they leave it alone."""
    apart = lip_opening(speech.curves)
    shut = _spread(1 - np.clip(apart / PARTED, 0, 1) * (1 - speech.contact))
    held_open = _spread(np.clip(apart / HELD_OPEN, 0, 1))
    rounded = np.clip(speech.curves[:, CHANNEL["mouthPucker"]], 0, 1)
    left: FloatArray = (
        (1 - np.outer(shut, _vector(PARTING)))
        * (1 - np.outer(held_open, _vector(HOLDING)))
        * (1 - np.outer(rounded, _vector(WIDENING)))
    ).astype(np.float32)
    return left


def _to_the_left(values: dict[str, float]) -> FloatArray:
    """A table of blendshapes as one row [52] that is negative on the right; those without sides are left out."""
    row = np.zeros(len(ARKIT_NAMES), np.float32)
    for name, value in values.items():
        row[CHANNEL[f"{name}Left"]], row[CHANNEL[f"{name}Right"]] = value, -value
    return row


def _spread(values: FloatArray) -> FloatArray:
    """Values [frames] that rise to each peak, and fall from it, over YIELDING_FRAMES: no lip is drawn up in one."""
    spread = values
    for away in range(1, YIELDING_FRAMES):
        beside = np.maximum(_shifted(values, away), _shifted(values, -away))
        spread = np.maximum(spread, beside * np.float32(1 - away / YIELDING_FRAMES))
    return spread


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
