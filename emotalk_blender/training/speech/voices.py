# SPDX-License-Identifier: GPL-3.0-or-later
"""New voices and moods from old speech with the WORLD vocoder: pitch, formants, loudness, timing, brightness."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...curves import SAMPLE_RATE, DoubleArray
from ..rules.phones import Phone, tidy
from .synthesis import Utterance

FRAME_MS = 5.0


@dataclass(frozen=True)
class Prosody:
    """How a mood sounds, relative to plain speech.

    pitch: factor of the mean; pitch_range: factor of the movement around it; speed: factor; swing: factor of the
    loudness movement in dB; brightness: dB per octave above 500 Hz; breath: added to the aperiodicity; tremor: depth
    of a 6 Hz wavering of the pitch; rise: factor of the pitch at the end of the phrase.
    """

    pitch: float = 1.0
    pitch_range: float = 1.0
    speed: float = 1.0
    swing: float = 1.0
    brightness: float = 0.0
    breath: float = 0.0
    tremor: float = 0.0
    rise: float = 1.0


# Directions from the review of Juslin and Laukka (2003), "Communication of emotions in vocal expression"; sizes ours.
MOODS: dict[str, Prosody] = {
    "neutral": Prosody(),
    "happy": Prosody(pitch=1.28, pitch_range=1.6, speed=1.1, swing=1.2, brightness=1.2),
    "sad": Prosody(pitch=0.9, pitch_range=0.5, speed=0.78, swing=0.7, brightness=-2.5, breath=0.15),
    "angry": Prosody(pitch=1.15, pitch_range=1.5, speed=1.12, swing=1.4, brightness=3.0),
    "fear": Prosody(pitch=1.4, pitch_range=0.8, speed=1.22, swing=0.9, brightness=0.5, breath=0.12, tremor=0.05),
    "disgust": Prosody(pitch=0.86, pitch_range=0.8, speed=0.85, swing=1.2, brightness=0.8, breath=0.05),
    "surprise": Prosody(pitch=1.45, pitch_range=1.9, speed=1.02, swing=1.15, brightness=0.8, rise=1.3),
}


def mood(emotion: str, strength: float) -> Prosody:
    """The prosody of an emotion at a strength (0 plain, 1 strong): factors to that power, amounts times it."""
    strong = MOODS[emotion]
    return Prosody(
        pitch=strong.pitch**strength,
        pitch_range=strong.pitch_range**strength,
        speed=strong.speed**strength,
        swing=strong.swing**strength,
        brightness=strong.brightness * strength,
        breath=strong.breath * strength,
        tremor=strong.tremor * strength,
        rise=strong.rise**strength,
    )


def revoice(utterance: Utterance, prosody: Prosody, formants: float, rng: np.random.Generator) -> Utterance:
    """The same words in another voice and mood, phone times moved along.

    formants: factor of the formant frequencies (below 1 a longer throat). Takes pyworld (import is slow, hence here).
    """
    world = _analysed(utterance.samples)
    warp = _time_warp(len(world.pitch), prosody.speed, rng)
    new = _synthesised(world, warp, prosody, formants, rng)
    seconds = len(new) / SAMPLE_RATE
    step = FRAME_MS / 1000
    old_times = np.array([0.0, *(phone.end for phone in utterance.phones)])
    new_times = np.minimum(np.interp(old_times / step, warp, np.arange(len(warp))) * step, seconds)
    new_times[-1] = seconds
    phones = [
        replace(phone, start=float(a), end=float(b))
        for phone, a, b in zip(utterance.phones, new_times, new_times[1:], strict=False)
    ]
    return Utterance(new, phones)


def revoice_in_time(
    samples: npt.NDArray[np.float32], prosody: Prosody, formants: float, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """The same sound in another voice, as long as it was and with everything where it was: for captured faces.

    samples: float32 [N], 16 kHz; the prosody's speed is passed over.
    """
    world = _analysed(samples)
    new = _synthesised(world, np.arange(len(world.pitch), dtype=np.float64), prosody, formants, rng)
    return np.pad(new, (0, max(0, len(samples) - len(new))))[: len(samples)]


@dataclass(frozen=True)
class _World:
    """A sound in WORLD's parts: pitch [frames] in Hz (0 unvoiced), spectra and aperiodicity [frames, bins]."""

    pitch: DoubleArray
    envelope: DoubleArray
    aperiodicity: DoubleArray


def _analysed(samples: npt.NDArray[np.float32]) -> _World:
    """A sound taken apart."""
    world: Any = importlib.import_module("pyworld")
    exact = samples.astype(np.float64)
    pitch, times = world.dio(exact, SAMPLE_RATE, frame_period=FRAME_MS)
    pitch = world.stonemask(exact, pitch, times, SAMPLE_RATE)
    envelope = world.cheaptrick(exact, pitch, times, SAMPLE_RATE)
    return _World(pitch, envelope, world.d4c(exact, pitch, times, SAMPLE_RATE))


def _synthesised(
    world: _World, warp: DoubleArray, prosody: Prosody, formants: float, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """A sound put together again with another voice and timing; warp: old frame (float) of each new frame."""
    package: Any = importlib.import_module("pyworld")
    voiced = world.pitch[np.round(warp).astype(int)] > 0
    pitch = np.where(voiced, np.interp(warp, np.arange(len(world.pitch)), world.pitch), 0.0)
    pitch = _move_pitch(pitch, prosody, rng)
    envelope = _shade(_shift_formants(_rows_at(world.envelope, warp), formants), prosody)
    aperiodicity = _shift_formants(_rows_at(world.aperiodicity, warp), formants) + prosody.breath
    new: npt.NDArray[np.float32] = package.synthesize(
        pitch,
        np.ascontiguousarray(envelope),
        np.ascontiguousarray(np.clip(aperiodicity, 0.0, 1.0)),
        SAMPLE_RATE,
        FRAME_MS,
    )[: int(len(warp) * FRAME_MS / 1000 * SAMPLE_RATE)].astype(np.float32)
    return new


def join(utterances: list[Utterance], pauses: list[float]) -> Utterance:
    """Utterances one after another, `pauses[i]` seconds of silence before utterance i and pauses[-1] at the end."""
    samples: list[npt.NDArray[np.float32]] = []
    phones: list[Phone] = []
    time = 0
    for utterance, pause in zip([*utterances, None], pauses, strict=True):
        samples.append(np.zeros(int(pause * SAMPLE_RATE), np.float32))
        time += len(samples[-1])
        if utterance is not None:
            offset = time / SAMPLE_RATE
            phones += [replace(p, start=p.start + offset, end=p.end + offset) for p in utterance.phones]
            samples.append(utterance.samples)
            time += len(samples[-1])
    return Utterance(np.concatenate(samples), tidy(phones, time / SAMPLE_RATE))


def _time_warp(frames: int, speed: float, rng: np.random.Generator) -> DoubleArray:
    """Old frame (float) of each new frame: the speed with a slow random wavering of up to 15 %."""
    count = max(2, int(frames / speed))
    knots = rng.uniform(0.85, 1.15, max(2, count // 60))
    rate = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(knots)), knots)
    position = np.cumsum(rate) - rate[0]
    warp: DoubleArray = position / position[-1] * (frames - 1)
    return warp


def _rows_at(rows: DoubleArray, positions: DoubleArray) -> DoubleArray:
    """Rows at fractional positions, linear between neighbours."""
    left = np.floor(positions).astype(int)
    right = np.minimum(left + 1, len(rows) - 1)
    part = (positions - left)[:, None]
    between: DoubleArray = rows[left] * (1 - part) + rows[right] * part
    return between


def _move_pitch(pitch: DoubleArray, prosody: Prosody, rng: np.random.Generator) -> DoubleArray:
    """The pitch track (Hz, 0 unvoiced) moved as the prosody says, kept between 50 and 600 Hz."""
    voiced = pitch > 0
    if not voiced.any():
        return pitch
    logs = np.log(pitch[voiced])
    mean = logs.mean()
    index = np.flatnonzero(voiced)
    logs = mean + np.log(prosody.pitch) + (logs - mean) * prosody.pitch_range
    logs += prosody.tremor * np.sin(2 * np.pi * 6 * index * FRAME_MS / 1000 + rng.uniform(0, 6))
    logs += np.log(prosody.rise) * np.clip((index - 0.75 * len(pitch)) / (0.25 * len(pitch)), 0, 1)
    moved = np.zeros_like(pitch)
    moved[voiced] = np.clip(np.exp(logs), 50, 600)
    return moved


def _shift_formants(rows: DoubleArray, factor: float) -> DoubleArray:
    """Spectra [frames, bins] stretched along frequency by the factor."""
    bins = rows.shape[1]
    positions = np.minimum(np.arange(bins) / factor, bins - 1)
    left = np.floor(positions).astype(int)
    right = np.minimum(left + 1, bins - 1)
    part = positions - left
    stretched: DoubleArray = rows[:, left] * (1 - part) + rows[:, right] * part
    return stretched


def _shade(envelope: DoubleArray, prosody: Prosody) -> DoubleArray:
    """The power spectra with another loudness swing and brightness."""
    energy = 10 * np.log10(envelope.sum(axis=1) + 1e-10)
    loud = np.percentile(energy, 95)
    swing = np.clip((energy - loud) * (prosody.swing - 1), -20, 6)
    frequency = np.linspace(0, SAMPLE_RATE / 2, envelope.shape[1])
    tilt = prosody.brightness * np.log2(np.maximum(frequency, 500) / 500)
    shaded: DoubleArray = envelope * 10 ** ((swing[:, None] + tilt[None, :]) / 10)
    return shaded
