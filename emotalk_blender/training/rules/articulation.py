# SPDX-License-Identifier: GPL-3.0-or-later
"""The teacher of the mouth: rules that turn phones and loudness into blendshape curves of plain, unmoved speech.

Principles after JALI (Edwards et al. 2016, "JALI: an animator-centric viseme model for expressive lip
synchronization"): bilabials close, labiodentals touch, sibilants narrow the jaw, lip-heavy sounds start early,
tongue-only sounds leave the lips alone. Blending after Cohen and Massaro (1993, "Modeling coarticulation in synthetic
visual speech"): each phone pulls with a dominance that fades with time. The sizes are ours: the jaw's spread over the
vowels, its timing and the power of loudness are those that followed five performance captures best (jawOpen 0.3 to 0.4
at the 90th percentile, 0.6 at the 99th); the lips' were judged by eye on a rendered face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ...curves import ARKIT_NAMES, CHANNEL, FloatArray
from ...network.rumble import without_rumble
from .phones import BILABIALS, LABIODENTALS, SILENCE, VOWELS, Phone

FPS = 30
OVERSAMPLING = 4
"""Rules are evaluated at 120 Hz: a closure may be shorter than two frames."""

LOUDNESS_POWER = 0.35
LOUDNESS_LIMITS = (0.2, 1.2)
SMOOTHING_SECONDS = 0.10
"""Full width of the Hann window that rounds off the blended targets."""

CLOSED_JAW = 0.05
"""jawOpen left at a bilabial closure; mouthClose takes the same value, which shuts the lips over it."""
TOUCH_JAW = 0.06
TONGUE_OUT = {"TH": 0.45, "DH": 0.2}
"""tongueOut: at 0.3 the tip stays behind the teeth, at 0.6 it is stuck out; the DH of "the" is too short to show it."""
TONGUE_JAW = 0.15
"""jawOpen that lets the tongue out."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Target:
    """Where a phone wants the mouth, at full loudness; all in [0, 1] except the pulls.

    jaw: jawOpen; lower, upper: lips drawn off the teeth; funnel, pucker: rounding; spread: mouth corners outwards.
    jaw_pull, lip_pull, shape_pull: how strongly it insists against its neighbours (a tongue-only sound hardly does).
    """

    jaw: float = 0.0
    lower: float = 0.0
    upper: float = 0.0
    funnel: float = 0.0
    pucker: float = 0.0
    spread: float = 0.0
    jaw_pull: float = 1.0
    lip_pull: float = 1.0
    shape_pull: float = 1.0


_REST = Target()
_IY = Target(jaw=0.21, lower=0.22, upper=0.10, spread=0.30)
_IH = Target(jaw=0.28, lower=0.18, upper=0.09, spread=0.12, shape_pull=0.6)
_EH = Target(jaw=0.41, lower=0.25, upper=0.12, spread=0.15, jaw_pull=1.3, shape_pull=0.7)
_AA = Target(jaw=0.56, lower=0.26, upper=0.11, jaw_pull=1.6, lip_pull=1.3)
_AO = Target(jaw=0.48, lower=0.14, upper=0.06, funnel=0.36, pucker=0.22, jaw_pull=1.5, shape_pull=1.4)
_UH = Target(jaw=0.24, lower=0.05, upper=0.02, funnel=0.22, pucker=0.40)
_UW = Target(jaw=0.11, funnel=0.10, pucker=0.86, jaw_pull=2.0, lip_pull=1.2, shape_pull=2.4)
_SIBILANT = Target(jaw=0.09, lower=0.22, upper=0.09, spread=0.10, jaw_pull=1.6, lip_pull=0.7, shape_pull=0.4)
_HUSH = Target(jaw=0.10, lower=0.14, upper=0.10, funnel=0.60, pucker=0.38, jaw_pull=1.5, shape_pull=3.0)
_TONGUE_TIP = Target(jaw=0.18, lower=0.14, upper=0.05, jaw_pull=0.6, lip_pull=0.35, shape_pull=0.1)
_TONGUE_BACK = Target(jaw=0.24, lower=0.12, upper=0.04, jaw_pull=0.4, lip_pull=0.25, shape_pull=0.05)
_DENTAL = Target(jaw=0.18, lower=0.16, upper=0.06, jaw_pull=1.2, lip_pull=0.6, shape_pull=0.25)
_BILABIAL = Target(jaw=CLOSED_JAW, jaw_pull=2.0, lip_pull=2.0, shape_pull=0.3)
_LABIODENTAL = Target(jaw=TOUCH_JAW, upper=0.16, jaw_pull=1.8, lip_pull=2.0, shape_pull=0.3)

TARGETS: dict[str, tuple[Target, ...]] = {
    SILENCE: (_REST,),
    "AA": (_AA,),
    "AE": (Target(jaw=0.50, lower=0.32, upper=0.14, spread=0.18, jaw_pull=1.6, lip_pull=1.3),),
    "AH": (Target(jaw=0.37, lower=0.17, upper=0.07, lip_pull=0.8, shape_pull=0.4),),
    "AO": (_AO,),
    "AW": (_AA, _UH),
    "AY": (_AA, _IH),
    "B": (_BILABIAL,),
    "CH": (_HUSH,),
    "D": (_TONGUE_TIP,),
    "DH": (_DENTAL,),
    "EH": (_EH,),
    "ER": (Target(jaw=0.25, lower=0.11, upper=0.05, funnel=0.26, pucker=0.24),),
    "EY": (_EH, _IY),
    "F": (_LABIODENTAL,),
    "G": (_TONGUE_BACK,),
    "HH": (Target(jaw=0.26, lower=0.10, jaw_pull=0.25, lip_pull=0.15, shape_pull=0.05),),
    "IH": (_IH,),
    "IY": (_IY,),
    "JH": (_HUSH,),
    "K": (_TONGUE_BACK,),
    "L": (Target(jaw=0.26, lower=0.14, upper=0.05, jaw_pull=0.6, lip_pull=0.3, shape_pull=0.1),),
    "M": (_BILABIAL,),
    "N": (_TONGUE_TIP,),
    "NG": (_TONGUE_BACK,),
    "OW": (Target(jaw=0.42, lower=0.08, upper=0.03, funnel=0.32, pucker=0.42, jaw_pull=1.4, shape_pull=1.6), _UW),
    "OY": (_AO, _IH),
    "P": (_BILABIAL,),
    "R": (Target(jaw=0.18, lower=0.10, upper=0.05, funnel=0.24, pucker=0.32, jaw_pull=0.8, shape_pull=1.1),),
    "S": (_SIBILANT,),
    "SH": (_HUSH,),
    "T": (_TONGUE_TIP,),
    "TH": (_DENTAL,),
    "UH": (_UH,),
    "UW": (_UW,),
    "V": (_LABIODENTAL,),
    "W": (Target(jaw=0.09, funnel=0.06, pucker=0.90, jaw_pull=2.0, lip_pull=1.4, shape_pull=3.0),),
    "Y": (Target(jaw=0.19, lower=0.16, upper=0.06, spread=0.22, jaw_pull=0.7, lip_pull=0.6, shape_pull=0.6),),
    "Z": (_SIBILANT,),
    "ZH": (_HUSH,),
}
"""What each phone asks of the mouth; diphthongs ask for two shapes one after the other."""

# Seconds: how early a movement starts, and how it fades before and after the phone. Lips round early and let go late.
JAW_TIMING = (0.015, 0.035, 0.045)
LIP_TIMING = (0.04, 0.040, 0.045)
SHAPE_TIMING = (0.06, 0.075, 0.05)

CLOSURE_LEAD, CLOSURE_RAMP = 0.015, 0.055
CLOSURE_SHARE = 0.4
"""A closure takes at most that part of a vowel beside it, or a short vowel between two of them would never open."""
TOUCH_RAMP = 0.08
INHALE_SECONDS, INHALE_PAUSE = 0.32, 0.35
"""Length of the breath before a phrase, and of the pause that it takes."""
INHALE_JAW, INHALE_LIPS = 0.09, 0.05
ACTIVITY_SECONDS = 0.6
AUDIBLE = 0.03
"""Loudness of speech at least, relative to loud speech: -30 dB."""
SPOKEN = frozenset(TARGETS) - {SILENCE}


@dataclass(frozen=True)
class Speech:
    """The rules' reading of a clip, at 30 fps.

    curves: float32 [frames, 52], unmoved speech in the plain style; contact: [frames], 1 where the lips touch;
    activity: [frames], 0 in silence and 1 within a phrase, slowly; accent: [frames], 0 to 1, on what is stressed.
    """

    curves: FloatArray
    contact: FloatArray
    activity: FloatArray
    accent: FloatArray

    @property
    def frames(self) -> int:
        """Number of frames at 30 fps."""
        return len(self.curves)


def frame_count(samples: int, rate: int = 16000) -> int:
    """Frames of a clip at 30 fps, as the network counts them: the samples rounded up."""
    return -(-samples * FPS // rate)


def loudness(samples: FloatArray, phones: Sequence[Phone] | None = None, rate: int = 16000) -> Array:
    """Loudness at 120 Hz relative to the clip's loud speech (1 = 90th percentile): float64 [4 * frames].

    phones: None where nobody noted them; all of the clip then counts as speech. Without rumble, which has power and is
    not loud.
    """
    count = frame_count(len(samples), rate) * OVERSAMPLING
    window = np.hanning(int(0.06 * rate) + 2)[1:-1]
    power = np.convolve(without_rumble(samples).astype(np.float64) ** 2, window / window.sum(), mode="same")
    times = np.arange(count) / (FPS * OVERSAMPLING)
    level = np.sqrt(power[np.minimum((times * rate).astype(int), len(power) - 1)])
    if phones is None:
        phones = [Phone("AH", 0.0, len(samples) / rate)]
    speaking = _inside(times, [phone for phone in phones if phone.name != SILENCE])
    reference = np.percentile(level[speaking], 90) if speaking.any() else 0.0
    relative: Array = level / max(float(reference), 1e-4)
    return relative


def heard_activity(samples: FloatArray, frames: int, rate: int = 16000) -> FloatArray:
    """Speech.activity of a clip whose phones nobody noted: 1 where it is louder than AUDIBLE, slowly; [frames]."""
    level = loudness(samples, rate=rate)
    activity = _smooth((level > AUDIBLE).astype(np.float64), ACTIVITY_SECONDS)[::OVERSAMPLING]
    told: FloatArray = np.pad(activity, (0, max(0, frames - len(activity))), mode="edge")[:frames].astype(np.float32)
    return told


def articulate(phones: Sequence[Phone], level: Array) -> Speech:
    """The mouth of plain speech.

    phones: without gaps from 0 (see phones.tidy); level: relative loudness at 120 Hz [4 * frames], as `loudness`
    gives it. Raises ValueError where level is no whole number of frames.
    """
    if len(level) % OVERSAMPLING:
        raise ValueError("the loudness must cover whole frames")
    times = np.arange(len(level)) / (FPS * OVERSAMPLING)
    gain = np.clip(level, 1e-6, None) ** LOUDNESS_POWER
    gain = _smooth(np.clip(gain, *LOUDNESS_LIMITS), 0.06)

    segments = [
        (target, Phone(phone.name, start, end)) for phone in phones for target, start, end in _parts(phone)
    ] or [(_REST, Phone(SILENCE, 0.0, len(times) / (FPS * OVERSAMPLING)))]
    jaw = _blend(times, segments, "jaw", "jaw_pull", JAW_TIMING) * gain
    lower = _blend(times, segments, "lower", "lip_pull", LIP_TIMING) * gain
    upper = _blend(times, segments, "upper", "lip_pull", LIP_TIMING) * gain
    rounding = gain**0.5  # who speaks up rounds the lips more, but not by as much as the jaw drops
    funnel = _blend(times, segments, "funnel", "shape_pull", SHAPE_TIMING) * rounding
    pucker = _blend(times, segments, "pucker", "shape_pull", SHAPE_TIMING) * rounding
    spread = _blend(times, segments, "spread", "shape_pull", SHAPE_TIMING)

    breath = _inhale(times, phones)
    jaw, lower, upper = jaw + INHALE_JAW * breath, lower + INHALE_LIPS * breath, upper + 0.5 * INHALE_LIPS * breath

    closed = _gate(times, phones, BILABIALS, CLOSURE_LEAD, CLOSURE_RAMP, CLOSURE_SHARE)
    touch = _gate(times, phones, LABIODENTALS, CLOSURE_LEAD, TOUCH_RAMP) * (1 - closed)
    tongue = np.zeros(len(times))
    for name, out in TONGUE_OUT.items():
        tongue = np.maximum(tongue, out * _gate(times, phones, frozenset({name}), 0.0, CLOSURE_RAMP))

    jaw = _limit(_limit(jaw, CLOSED_JAW, closed), TOUCH_JAW, touch)
    open_lips = 1 - closed
    values = {
        "jawOpen": jaw,
        "mouthClose": jaw * closed,
        "mouthFunnel": funnel * open_lips * (1 - 0.7 * touch),
        "mouthPucker": pucker * (1 - 0.3 * np.maximum(closed, touch)),
        "mouthLowerDownLeft": lower * open_lips * (1 - touch),
        "mouthUpperUpLeft": upper * open_lips,
        "mouthStretchLeft": 0.6 * spread * open_lips * (1 - touch),
        "mouthSmileLeft": 0.5 * spread * (1 - touch),
        "mouthDimpleLeft": 0.15 * spread,
        "mouthPressLeft": 0.28 * closed,
        "mouthRollLower": 0.16 * closed + 0.65 * touch,
        "mouthRollUpper": 0.14 * closed,
        "tongueOut": tongue * np.minimum(jaw / TONGUE_JAW, 1) * open_lips,
    }
    curves = np.zeros((len(times), len(ARKIT_NAMES)))
    for name, value in values.items():
        curves[:, CHANNEL[name]] = value
        if name.endswith("Left"):
            curves[:, CHANNEL[name.replace("Left", "Right")]] = value

    talking = _gate(times, phones, SPOKEN, 0.0, 0.05)
    activity = _smooth(talking, ACTIVITY_SECONDS)
    prominence = np.clip(level, 0, 1.5) * talking
    accent = np.clip(2.0 * (_smooth(prominence, 0.25) - _smooth(prominence, 2.5)), 0, 1)
    pick = slice(None, None, OVERSAMPLING)
    return Speech(
        np.clip(curves[pick], 0, 1).astype(np.float32),
        np.maximum(closed, touch)[pick].astype(np.float32),
        activity[pick].astype(np.float32),
        _smooth(accent, 0.2)[pick].astype(np.float32),
    )


def _parts(phone: Phone) -> list[tuple[Target, float, float]]:
    """The targets of a phone with their times: its duration shared equally."""
    targets = TARGETS[phone.name]
    edges = np.linspace(phone.start, phone.end, len(targets) + 1)
    return [(target, float(a), float(b)) for target, a, b in zip(targets, edges, edges[1:], strict=False)]


def _blend(
    times: Array,
    segments: Sequence[tuple[Target, Phone]],
    channel: str,
    pull: str,
    timing: tuple[float, float, float],
) -> Array:
    """Dominance-weighted mean of the segments' targets at each time, rounded off."""
    lead, attack, release = timing
    starts = np.array([phone.start - lead for _, phone in segments])
    ends = np.array([phone.end - lead * 0.5 for _, phone in segments])
    ends = np.maximum(ends, starts + 0.01)
    values = np.array([getattr(target, channel) for target, _ in segments])
    pulls = np.array([getattr(target, pull) * _silence_pull(phone) for target, phone in segments])
    before = np.maximum(starts[None] - times[:, None], 0) / attack
    after = np.maximum(times[:, None] - ends[None], 0) / release
    dominance = pulls * np.exp(-before - after) + 1e-12
    return _smooth((dominance * values).sum(axis=1) / dominance.sum(axis=1), SMOOTHING_SECONDS)


def _silence_pull(phone: Phone) -> float:
    """A breath closes the mouth, a hesitation of a few hundredths does not."""
    if phone.name != SILENCE:
        return 1.0
    return float(np.clip((phone.end - phone.start) / 0.2, 0.1, 2.5))


def _gate(
    times: Array, phones: Sequence[Phone], names: frozenset[str], lead: float, ramp: float, share: float = np.inf
) -> Array:
    """1 within the phones of these names (which start `lead` early), falling smoothly to 0 on both sides.

    The fall takes `ramp` seconds, but at most the share of a vowel there.
    """
    gate = np.zeros(len(times))
    for index, phone in enumerate(phones):
        if phone.name not in names:
            continue
        start = phone.start - lead
        rise = _ramp(phones[max(index - 1, 0)], ramp, share)
        fall = _ramp(phones[min(index + 1, len(phones) - 1)], ramp, share)
        first, last = np.searchsorted(times, [start - rise, phone.end + fall])
        near = times[first:last]
        outside = np.maximum(np.maximum((start - near) / rise, (near - phone.end) / fall), 0)
        gate[first:last] = np.maximum(gate[first:last], 0.5 + 0.5 * np.cos(np.pi * np.minimum(outside, 1)))
    return gate


def _ramp(neighbour: Phone, ramp: float, share: float) -> float:
    """Seconds of a gate's flank beside this phone."""
    length = neighbour.end - neighbour.start
    return min(ramp, max(share * length, 1 / FPS)) if neighbour.name in VOWELS else ramp


def _inhale(times: Array, phones: Sequence[Phone]) -> Array:
    """The breath drawn before each phrase that follows a pause: 0 to 1 and back, over INHALE_SECONDS."""
    breath = np.zeros(len(times))
    for pause, phone in pairwise(phones):
        if pause.name == SILENCE and phone.name != SILENCE and pause.end - pause.start >= INHALE_PAUSE:
            part = np.clip((times - phone.start) / INHALE_SECONDS + 1, 0, 1)
            breath = np.maximum(breath, 0.5 - 0.5 * np.cos(2 * np.pi * part))
    return breath


def _limit(values: Array, limit: float, gate: Array) -> Array:
    """The values, held below `limit` where the gate is 1."""
    limited: Array = values * (1 - gate) + np.minimum(values, limit) * gate
    return limited


def _smooth(values: Array, seconds: float) -> Array:
    """The values [times] under a Hann window of that full width, ends held."""
    half = max(1, int(seconds * FPS * OVERSAMPLING / 2))
    window = np.hanning(2 * half + 3)[1:-1]
    padded = np.pad(values, half, mode="edge")
    return np.convolve(padded, window / window.sum(), mode="valid")


def _inside(times: Array, phones: Sequence[Phone]) -> npt.NDArray[np.bool_]:
    """Which times lie within a phone."""
    inside = np.zeros(len(times), bool)
    for phone in phones:
        first, last = np.searchsorted(times, [phone.start, phone.end])
        inside[first:last] = True
    return inside
