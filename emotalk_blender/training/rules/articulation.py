# SPDX-License-Identifier: GPL-3.0-or-later
"""The teacher of the mouth: rules that turn phones and loudness into blendshape curves of plain, unmoved speech.

Principles after JALI (Edwards et al. 2016, "JALI: an animator-centric viseme model for expressive lip
synchronization"): bilabials close, labiodentals touch, sibilants narrow the jaw, lip-heavy sounds start early,
tongue-only sounds leave the lips alone. Blending after Cohen and Massaro (1993, "Modeling coarticulation in synthetic
visual speech"): each phone pulls with a dominance that fades with time. The numbers are those of articulation_table.py,
fitted to captured faces; contact, breath and tongue, which a fit would blur, are set here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...curves import ARKIT_NAMES, CHANNEL, FPS, DoubleArray, FloatArray
from .articulation_table import GROUPS, Shape, Table, default_table
from .loudness import OVERSAMPLING, RATE, smooth, spoken
from .phones import BILABIALS, LABIODENTALS, SILENCE, VOWELS, Phone
from .prosody import Prosody, prosody

LOUDNESS_LIMITS = (0.01, 1.7)
"""Loudness beyond which the mouth opens no less, or no further."""
SMOOTHING_SECONDS = 0.10
"""Full width of the Hann window that rounds off the blended targets."""

CLOSED_JAW = 0.05
"""jawOpen left at a bilabial closure; mouthClose takes the same value, which shuts the lips over it."""
TOUCH_JAW = 0.06
CLOSED_PRESS, CLOSED_ROLL = 0.05, 0.04
"""mouthPress and mouthRoll at a closure: real lips meet and hardly press."""
TOUCH_ROLL = 0.45
"""mouthRollLower that puts the lower lip under the upper teeth."""
TONGUE_OUT = {"TH": 0.45, "DH": 0.2}
"""tongueOut: at 0.3 the tip stays behind the teeth, at 0.6 it is stuck out; the DH of "the" is too short to show it."""
TONGUE_JAW = 0.15
"""jawOpen that lets the tongue out."""


CLOSURE_LEAD, CLOSURE_RAMP = 0.015, 0.055
CLOSURE_SHARE = 0.4
"""A closure takes at most that part of a vowel beside it, or a short vowel between two of them would never open."""
TOUCH_RAMP = 0.06
INHALE_SECONDS, INHALE_PAUSE = 0.32, 0.35
"""Length of the breath before a phrase, and of the pause that it takes."""
INHALE_JAW, INHALE_LIPS = 0.09, 0.05


@dataclass(frozen=True)
class Speech:
    """The rules' reading of a clip, at 30 fps.

    curves: float32 [frames, 52], unmoved speech in the plain style; contact: [frames], 1 where the lips touch;
    prosody: what moves the rest of the face.
    """

    curves: FloatArray
    contact: FloatArray
    prosody: Prosody

    @property
    def frames(self) -> int:
        """Number of frames at 30 fps."""
        return len(self.curves)


def articulate(phones: Sequence[Phone], level: DoubleArray, table: Table | None = None) -> Speech:
    """The mouth of plain speech.

    phones: without gaps from 0 (see phones.tidy); level: relative loudness at 120 Hz [4 * frames], as `loudness`
    gives it; table: None for the numbers that come along. Raises ValueError where level is no whole number of frames.
    """
    if len(level) % OVERSAMPLING:
        raise ValueError("the loudness must cover whole frames")
    table = table or default_table()
    times = np.arange(len(level)) / RATE
    phones = phones or [Phone(SILENCE, 0.0, len(times) / RATE)]
    shape = blend(times, phones, table)
    for group, channels in GROUPS.items():
        gain = loudness_gain(level, table.timings[group].power)
        shape |= {channel: shape[channel] * gain for channel in channels}
    jaw, lower, upper = shape["jaw"], shape["lower"], shape["upper"]

    breath = _inhale(times, phones)
    jaw, lower, upper = jaw + INHALE_JAW * breath, lower + INHALE_LIPS * breath, upper + 0.5 * INHALE_LIPS * breath

    closed = _gate(times, phones, BILABIALS, _Flanks(CLOSURE_LEAD, CLOSURE_RAMP, CLOSURE_SHARE))
    touch = _gate(times, phones, LABIODENTALS, _Flanks(CLOSURE_LEAD, TOUCH_RAMP)) * (1 - closed)
    tongue = np.zeros(len(times))
    for name, out in TONGUE_OUT.items():
        tongue = np.maximum(tongue, out * _gate(times, phones, frozenset({name}), _Flanks(0.0, CLOSURE_RAMP)))

    jaw = _limit(_limit(jaw, CLOSED_JAW, closed), TOUCH_JAW, touch)
    open_lips = 1 - closed
    values = {
        "jawOpen": jaw,
        "mouthClose": jaw * closed,
        "mouthFunnel": shape["funnel"] * open_lips * (1 - 0.7 * touch),
        "mouthPucker": shape["pucker"] * (1 - 0.3 * np.maximum(closed, touch)),
        "mouthLowerDownLeft": lower * open_lips * (1 - touch),
        "mouthUpperUpLeft": upper * open_lips,
        "mouthShrugLower": shape["shrug_lower"] * (1 - touch),
        "mouthShrugUpper": shape["shrug_upper"],
        "mouthStretchLeft": shape["stretch"] * open_lips * (1 - touch),
        "mouthSmileLeft": shape["smile"] * (1 - touch),
        "mouthPressLeft": CLOSED_PRESS * closed,
        "mouthRollLower": CLOSED_ROLL * closed + TOUCH_ROLL * touch,
        "mouthRollUpper": CLOSED_ROLL * closed,
        "tongueOut": tongue * np.minimum(jaw / TONGUE_JAW, 1) * open_lips,
    }
    curves = np.zeros((len(times), len(ARKIT_NAMES)))
    for name, value in values.items():
        curves[:, CHANNEL[name]] = value
        if name.endswith("Left"):
            curves[:, CHANNEL[name.replace("Left", "Right")]] = value

    pick = slice(None, None, OVERSAMPLING)
    return Speech(
        np.clip(curves[pick], 0, 1).astype(np.float32),
        np.maximum(closed, touch)[pick].astype(np.float32),
        prosody(level, spoken(times, phones)),
    )


def loudness_gain(level: DoubleArray, power: float) -> DoubleArray:
    """What loudness at 120 Hz makes of a movement that is scaled with that power of it: a factor at each time."""
    return smooth(np.clip(level, *LOUDNESS_LIMITS) ** power, 0.06)


def blend(times: DoubleArray, phones: Sequence[Phone], table: Table) -> dict[str, DoubleArray]:
    """Each channel of the shapes at each time (120 Hz): the dominance-weighted mean of the targets, rounded off."""
    segments = [(shape, part) for phone in phones for shape, part in parts(phone, table)]
    starts, ends = (np.array([getattr(part, side) for _, part in segments]) for side in ("start", "end"))
    silence = np.array([silence_pull(part) for _, part in segments])
    blended = {}
    for group, channels in GROUPS.items():
        timing = table.timings[group]
        pulls = np.array([getattr(shape, f"{group}_pull") for shape, _ in segments]) * silence
        first = starts - timing.lead
        last = np.maximum(ends - timing.lead * 0.5, first + 0.01)
        before = np.maximum(first[None] - times[:, None], 0) / timing.attack
        after = np.maximum(times[:, None] - last[None], 0) / timing.release
        dominance = pulls * np.exp(-before - after) + 1e-12
        dominance /= dominance.sum(axis=1, keepdims=True)
        for channel in channels:
            targets = np.array([getattr(shape, channel) for shape, _ in segments])
            blended[channel] = smooth(dominance @ targets, SMOOTHING_SECONDS)
    return blended


def parts(phone: Phone, table: Table) -> list[tuple[Shape, Phone]]:
    """The shapes of a phone, each as long as the others."""
    shapes = list(table.of(phone.name))
    edges = np.linspace(phone.start, phone.end, len(shapes) + 1)
    return [
        (shape, Phone(phone.name, float(start), float(end)))
        for shape, start, end in zip(shapes, edges, edges[1:], strict=False)
    ]


def silence_pull(phone: Phone) -> float:
    """A breath closes the mouth, a hesitation of a few hundredths does not."""
    if phone.name != SILENCE:
        return 1.0
    return float(np.clip((phone.end - phone.start) / 0.2, 0.1, 2.5))


@dataclass(frozen=True)
class _Flanks:
    """How a gate begins and ends: `lead` seconds early, in `ramp` seconds, but at most the share of a vowel there."""

    lead: float
    ramp: float
    share: float = np.inf


def _gate(times: DoubleArray, phones: Sequence[Phone], names: frozenset[str], flanks: _Flanks) -> DoubleArray:
    """1 within the phones of these names, falling smoothly to 0 on both sides: [times]."""
    gate = np.zeros(len(times))
    for index, phone in enumerate(phones):
        if phone.name not in names:
            continue
        start = phone.start - flanks.lead
        rise = _ramp(phones[max(index - 1, 0)], flanks)
        fall = _ramp(phones[min(index + 1, len(phones) - 1)], flanks)
        first, last = np.searchsorted(times, [start - rise, phone.end + fall])
        near = times[first:last]
        outside = np.maximum(np.maximum((start - near) / rise, (near - phone.end) / fall), 0)
        gate[first:last] = np.maximum(gate[first:last], 0.5 + 0.5 * np.cos(np.pi * np.minimum(outside, 1)))
    return gate


def _ramp(neighbour: Phone, flanks: _Flanks) -> float:
    """Seconds of a gate's flank beside this phone."""
    length = neighbour.end - neighbour.start
    return min(flanks.ramp, max(flanks.share * length, 1 / FPS)) if neighbour.name in VOWELS else flanks.ramp


def _inhale(times: DoubleArray, phones: Sequence[Phone]) -> DoubleArray:
    """The breath drawn before each phrase that follows a pause: 0 to 1 and back, over INHALE_SECONDS."""
    breath = np.zeros(len(times))
    for pause, phone in pairwise(phones):
        if pause.name == SILENCE and phone.name != SILENCE and pause.end - pause.start >= INHALE_PAUSE:
            part = np.clip((times - phone.start) / INHALE_SECONDS + 1, 0, 1)
            breath = np.maximum(breath, 0.5 - 0.5 * np.cos(2 * np.pi * part))
    return breath


def _limit(values: DoubleArray, limit: float, gate: DoubleArray) -> DoubleArray:
    """The values, held below `limit` where the gate is 1."""
    limited: DoubleArray = values * (1 - gate) + np.minimum(values, limit) * gate
    return limited
