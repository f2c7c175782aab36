# SPDX-License-Identifier: GPL-3.0-or-later
"""How a voice moves besides its words: phrases, their first and last words, swells, and stressed syllables.

Brows, lids and moods follow it (expression.py). Everything here is heard in the loudness, so that a network can hear
it too. Speaking faces mark stressed syllables and beginnings: brows rise with about every third stressed word, and
start 60 ms before it (Cave et al. 1996, "About the relationship between eyebrow movements and F0 variations"; Flecha-
Garcia 2010, "Eyebrow raises in dialogue and their relation to discourse structure, utterance function and pitch
accents in English").
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from ...curves import SAMPLE_RATE, BoolArray, DoubleArray, FloatArray
from .loudness import AUDIBLE, OVERSAMPLING, RATE, loudness, smooth

ACTIVITY_SECONDS = 0.6
SHORT_GAP = 0.2
"""Seconds of silence that a phrase may have within, such as before a stop."""
ONSET = (0.22, 0.15, 0.55)
CADENCE = (0.50, 0.10, 0.45)
"""Seconds in which a movement at the first sound, or at the end of the last, of a phrase rises, stays, and falls."""
STRENGTH_POWER = 0.7
"""Makes of loudness what it feels like; on a plain scale only the loudest syllable of a phrase would count."""
SYLLABLE_SECONDS, SWELL_SECONDS = 0.2, 1.3
APART = 0.6
"""Seconds at least between two stressed syllables that a face marks: it does not twitch with each."""
LEAST_STRESS, FULL_STRESS = 0.08, 0.42
"""How far a syllable stands out of the second around it (in strength): where it counts, and where it counts fully."""
ACCENT = (0.22, 0.14, 0.42)
"""Seconds in which a movement on a stressed syllable rises, stays, and falls: the syllable is where it stays."""


@dataclass(frozen=True)
class Prosody:
    """What moves a speaking face besides the words, at 30 fps: all float32 [frames] within [0, 1].

    activity: 0 in silence and 1 within a phrase, slowly; onset, cadence: around the first and the last words of a
    phrase; swell: how strong the voice is over a second or so, beside its own usual strength; accent: on stressed
    syllables.
    """

    activity: FloatArray
    onset: FloatArray
    cadence: FloatArray
    swell: FloatArray
    accent: FloatArray

    @property
    def frames(self) -> int:
        """Number of frames at 30 fps."""
        return len(self.activity)


def prosody(level: DoubleArray, talking: BoolArray) -> Prosody:
    """The prosody of a clip: its loudness at 120 Hz [4 * frames], as `loudness` gives it, and where it is speech."""
    strength = np.clip(level, 0, 1.5) ** STRENGTH_POWER * talking
    starts, ends = _phrases(talking)
    times = np.arange(len(level)) / RATE
    onset, cadence = np.zeros(len(level)), np.zeros(len(level))
    for start, end in zip(starts, ends, strict=True):
        onset = np.maximum(onset, _bump(times, start / RATE, ONSET))
        cadence = np.maximum(cadence, _bump(times, end / RATE, CADENCE))
    return Prosody(
        *(
            np.clip(values[::OVERSAMPLING], 0, 1).astype(np.float32)
            for values in (
                smooth(talking.astype(np.float64), ACTIVITY_SECONDS),
                onset,
                cadence,
                _swell(strength, talking),
                _accents(strength, times),
            )
        )
    )


def heard_prosody(samples: FloatArray, frames: int, rate: int = SAMPLE_RATE) -> Prosody:
    """The prosody of a clip whose phones nobody noted: all that is louder than AUDIBLE is speech; `frames` long."""
    level = loudness(samples, rate=rate)
    heard = prosody(level, level > AUDIBLE)
    missing = max(0, frames - heard.frames)
    return Prosody(*(np.pad(getattr(heard, field.name), (0, missing), mode="edge")[:frames] for field in fields(heard)))


def no_prosody(frames: int) -> Prosody:
    """The prosody of silence."""
    return Prosody(*(np.zeros(frames, np.float32) for _ in fields(Prosody)))


def _phrases(talking: BoolArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where phrases start and end, in samples of 120 Hz; short gaps don't part them."""
    edges = np.flatnonzero(np.diff(np.r_[False, talking, False])).reshape(-1, 2)
    if not len(edges):
        return edges[:, 0], edges[:, 1]
    apart = edges[1:, 0] - edges[:-1, 1] >= SHORT_GAP * RATE
    return edges[np.r_[True, apart], 0], edges[np.r_[apart, True], 1]


def _swell(strength: DoubleArray, talking: BoolArray) -> DoubleArray:
    """How strong the voice is over a second or so: 0.5 at the clip's mean, 0 and 1 where it is far from it."""
    said = smooth(talking.astype(np.float64), SWELL_SECONDS)
    mean = smooth(strength, SWELL_SECONDS) / np.maximum(said, 0.05)
    usual, spread = (mean[talking].mean(), mean[talking].std()) if talking.any() else (0.0, 0.0)
    swell: DoubleArray = (0.5 + 0.4 * (mean - usual) / max(float(spread), 0.04)) * np.clip(said / 0.5, 0, 1)
    return smooth(np.clip(swell, 0, 1), 0.3)


def _accents(strength: DoubleArray, times: DoubleArray) -> DoubleArray:
    """A movement on each syllable that stands out, as large as it does."""
    syllables = smooth(strength, SYLLABLE_SECONDS)
    stress = np.clip((syllables - smooth(strength, 1.0) - LEAST_STRESS) / (FULL_STRESS - LEAST_STRESS), 0, 1)
    accents = np.zeros(len(times))
    waiting = stress.copy()
    reach = int(APART * RATE)
    while waiting.max(initial=0) > 0:
        peak = int(waiting.argmax())
        accents = np.maximum(accents, stress[peak] * _bump(times, times[peak], ACCENT))
        waiting[max(peak - reach, 0) : peak + reach] = 0
    return accents


def _bump(times: DoubleArray, moment: float, shape: tuple[float, float, float]) -> DoubleArray:
    """1 around a moment, rising before it and falling after it smoothly: seconds to rise, to stay and to fall."""
    rise, stay, fall = shape
    since = times - moment
    outside = np.maximum((-since - stay / 2) / rise, (since - stay / 2) / fall)
    bump: DoubleArray = 0.5 + 0.5 * np.cos(np.pi * np.clip(outside, 0, 1))
    return bump
