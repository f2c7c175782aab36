# SPDX-License-Identifier: GPL-3.0-or-later
"""What may drive a control of a face: one of the 52 blendshapes, or a pose that looks like several of them at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..curves import CHANNEL, DoubleArray

LIPS_TOGETHER = "lipsTogether"
"""How far the lips are shut over the open jaw, 0 to 1: mouthClose as a part of jawOpen. MetaHumans close so."""


@dataclass(frozen=True)
class Pose:
    """What a shape that is not one of the 52 looks like when it is fully on.

    look: weights of the blendshapes, 0 to 1.
    reluctance: how much rather others are used where they look alike, 1 for most; the tongue-only sounds look much like
    a vowel half open, and an animator looks for the vowel.
    """

    look: dict[str, float]
    reluctance: float = 1.0

    def vector(self) -> DoubleArray:
        """The look as weights of the 52: float64 [52]."""
        weights = np.zeros(len(CHANNEL))
        for name, weight in self.look.items():
            weights[CHANNEL[name]] = weight
        return weights


def _pose(reluctance: float = 1.0, **look: float) -> Pose:
    """A pose with these weights; a name without a side stands for both sides."""
    weights = {}
    for name, weight in look.items():
        for whole in (name, f"{name}Left", f"{name}Right"):
            if whole in CHANNEL:
                weights[whole] = weight
    return Pose(weights, reluctance)


def _mouth(
    jaw: float, lower: float = 0.0, upper: float = 0.0, spread: float = 0.0, reluctance: float = 1.0, **look: float
) -> Pose:
    """A pose with an open mouth: the jaw down, the lips drawn off the teeth, the corners drawn apart."""
    look |= {"jawOpen": jaw, "mouthLowerDown": lower, "mouthUpperUp": upper}
    look |= {"mouthStretch": 0.6 * spread, "mouthSmile": 0.5 * spread, "mouthDimple": 0.15 * spread}
    return _pose(reluctance, **{name: weight for name, weight in look.items() if weight})


POSES: dict[str, Pose] = {
    # The sounds, each as clear speech forms it at full loudness. Sizes are those of the rules that taught the default
    # weights, so that the fit meets what the network makes: they change when the weights do.
    "soundP": _mouth(0.05, mouthClose=0.05, mouthPress=0.28, mouthRollLower=0.16, mouthRollUpper=0.14),
    "soundF": _mouth(0.06, upper=0.16, mouthRollLower=0.65),
    "soundTh": _mouth(0.18, 0.16, 0.06, reluctance=4.0, tongueOut=0.45),
    "soundT": _mouth(0.18, 0.14, 0.05, reluctance=20.0),
    "soundK": _mouth(0.24, 0.12, 0.04, reluctance=20.0),
    "soundN": _mouth(0.20, 0.14, 0.05, reluctance=20.0),
    "soundL": _mouth(0.26, 0.14, 0.05, reluctance=20.0),
    "soundS": _mouth(0.09, 0.22, 0.09, spread=0.10, reluctance=4.0),
    "soundSh": _mouth(0.10, 0.14, 0.10, mouthFunnel=0.60, mouthPucker=0.38),
    "soundR": _mouth(0.18, 0.10, 0.05, reluctance=4.0, mouthFunnel=0.24, mouthPucker=0.32),
    "soundAh": _mouth(0.56, 0.26, 0.11),
    "soundEh": _mouth(0.41, 0.25, 0.12, spread=0.15),
    "soundEe": _mouth(0.22, 0.22, 0.10, spread=0.30),
    "soundOh": _mouth(0.46, 0.11, 0.05, mouthFunnel=0.34, mouthPucker=0.27),
    "soundOu": _mouth(0.24, 0.05, 0.02, mouthFunnel=0.22, mouthPucker=0.40),
    "soundOo": _mouth(0.11, mouthFunnel=0.10, mouthPucker=0.86),
    # What else rigs have as one shape, and ARKit as several.
    "mouthSmile": _pose(mouthSmile=1.0),
    "mouthFrown": _pose(mouthFrown=1.0),
    "mouthPress": _pose(mouthPress=1.0),
    "mouthRoll": _pose(mouthRollLower=1.0, mouthRollUpper=1.0),
    "mouthUpperUp": _pose(mouthUpperUp=1.0),
    "mouthLowerDown": _pose(mouthLowerDown=1.0),
    "noseSneer": _pose(noseSneer=1.0),
    "eyeBlink": _pose(eyeBlink=1.0),
    "eyeWide": _pose(eyeWide=1.0),
    "eyeSquint": _pose(eyeSquint=1.0),
    "eyeLookUp": _pose(eyeLookUp=1.0),
    "eyeLookDown": _pose(eyeLookDown=1.0),
    "eyesLookLeft": _pose(eyeLookOutLeft=1.0, eyeLookInRight=1.0),
    "eyesLookRight": _pose(eyeLookInLeft=1.0, eyeLookOutRight=1.0),
    "browDown": _pose(browDown=1.0),
    "browUp": _pose(browInnerUp=0.9, browOuterUp=1.0),
}
"""Name -> pose."""

SOURCES: tuple[str, ...] = (*CHANNEL, LIPS_TOGETHER, *POSES)
"""Every name that may stand as the source of a row."""


def covered_channel(source: str) -> int | None:
    """The column of the 52 that a source takes over as it is; None for a pose."""
    return CHANNEL.get("mouthClose" if source == LIPS_TOGETHER else source)
