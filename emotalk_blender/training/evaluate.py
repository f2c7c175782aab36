# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of a network on speech that it was not trained on, beside loudness alone and beside chance.

Aligned speech (NAME.flac with NAME.TextGrid) is compared with the rules, captures (NAME.flac with NAME.npz, `curves`
[frames, 52] at 30 fps) with the actor. One voice cannot say much: these are figures to compare networks by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from ..curves import CHANNEL, FloatArray
from ..errors import EmoTalkError
from ..inference.audio import read_sound, to_network_samples
from ..inference.performance import EMOTIONS, FROM_VOICE
from ..network.checkpoint import load_checkpoint
from ..network.direction import direct
from .alignment import read_textgrid
from .articulation import FPS, articulate, loudness, opening
from .corpus import read_labels, read_manifest
from .expression import FACES, both
from .phones import BILABIALS, OPEN_VOWELS, SILENCE, Phone
from .synthesis import SAMPLE_RATE

CLOSED_PART = 0.30
"""Lips count as closed below that part of the opening's range (its 95th percentile)."""
CLOSURE_REACH = 0.05
"""Seconds around a phone within which it may close."""
CHANCE_SHIFTS = (-12, -10, -8, 8, 10, 12)
MOST_LAG = 6
SILENT_SECONDS = 0.3
EMOTION_TAKES = 4
SHOWN_CHANNELS = ("jawOpen", "mouthFunnel", "mouthPucker", "mouthLowerDownLeft", "mouthUpperUpLeft")

Predict = Callable[[FloatArray, str, float], FloatArray]
"""Sound (float32 [N], 16 kHz), emotion ("voice" or one of EMOTIONS) and intensity to curves [frames, 52] at 30 fps."""


@dataclass(frozen=True)
class Take:
    """Speech to be judged on.

    samples: float32 [N], 16 kHz; phones: known where it was aligned; curves: [frames, 52] of the capture or the rules.
    """

    name: str
    samples: FloatArray
    phones: list[Phone] | None
    curves: FloatArray


@dataclass(frozen=True)
class Follows:
    """How well an opening follows the true one.

    all_frames, speech_frames: correlation; lag: frames by which it comes late where it fits best; best: that fit.
    """

    all_frames: float
    speech_frames: float
    lag: int
    best: float


@dataclass(frozen=True)
class Closures:
    """Parts, 0 to 1: of P B M that close; by chance (the same curve moved in time); of open vowels that close falsely.

    count: how many P B M there were.
    """

    closed: float
    chance: float
    false: float
    count: int


def aligned_take(sound: Path, grid: Path) -> Take:
    """A recording with a TextGrid, and the rules' curves for it."""
    samples = read_mono(sound)
    phones = read_textgrid(grid)
    return Take(sound.stem, samples, phones, articulate(phones, loudness(samples, phones)).curves)


def captured_take(sound: Path, capture: Path) -> Take:
    """A recording with an actor's curves."""
    with np.load(capture, allow_pickle=False) as arrays:
        if "curves" not in arrays or arrays["curves"].ndim != 2 or arrays["curves"].shape[1] != 52:
            raise EmoTalkError(f"{capture} holds no curves [frames, 52]. Choose a capture.")
        curves = arrays["curves"].astype(np.float32)
    return Take(sound.stem, read_mono(sound), None, curves)


def read_takes(folder: Path) -> list[Take]:
    """The takes of a folder by name, or of one .flac in it. Raises EmoTalkError where there are none."""
    takes = []
    for sound in [folder] if folder.is_file() else sorted(folder.glob("*.flac")):
        grid, capture = sound.with_suffix(".TextGrid"), sound.with_suffix(".npz")
        if grid.is_file():
            takes.append(aligned_take(sound, grid))
        elif capture.is_file():
            takes.append(captured_take(sound, capture))
    if not takes:
        raise EmoTalkError(f"{folder} holds no .flac with a .TextGrid or .npz of the same name. Choose another folder.")
    return takes


def corpus_takes(folder: Path, most: int = 40) -> list[Take]:
    """The validation clips of a corpus, at most so many."""
    clips = [clip for clip in read_manifest(folder) if clip.split == "validation"][:most]
    return [
        Take(
            clip.id,
            read_mono(folder / "sound" / f"{clip.id}.flac"),
            clip.phone_list(),
            read_labels(folder, clip).speech.curves,
        )
        for clip in clips
    ]


def predictor(model: Path) -> Predict:
    """A checkpoint as a function of sound, emotion and intensity, in the plain style (person 0), clipped to [0, 1]."""
    network, info = load_checkpoint(model)

    def predict(samples: FloatArray, emotion: str, intensity: float) -> FloatArray:
        direction = direct(info.config, None if emotion == FROM_VOICE else emotion, intensity)
        curves = network.decode(network.encode(torch.from_numpy(samples)), direction)
        return np.clip(curves.numpy(), 0, 1).astype(np.float32)

    return predict


def read_mono(path: Path) -> FloatArray:
    """A sound file as the network hears it: float32 [N], 16 kHz."""
    return to_network_samples(read_sound(path))


def loudness_opening(samples: FloatArray, frames: int) -> FloatArray:
    """The baseline: an opening that is loudness to the power 0.35 and knows no words, [frames]."""
    level = loudness(samples, [Phone("AH", 0.0, len(samples) / SAMPLE_RATE)])[::4]
    level = np.pad(level, (0, max(0, frames - len(level))))[:frames]
    return np.clip(level**0.35, 0, 1.2).astype(np.float32)


def speech_mask(samples: FloatArray, phones: Sequence[Phone] | None, frames: int) -> npt.NDArray[np.bool_]:
    """Which frames have speech, [frames]: by the phones, or where the sound is above -30 dB of its loud parts."""
    if phones is None:
        level = loudness(samples, [Phone("AH", 0.0, len(samples) / SAMPLE_RATE)])[::4]
        heard = np.pad(level, (0, max(0, frames - len(level))))[:frames] > 10 ** (-30 / 20)
        return np.asarray(np.convolve(heard, np.ones(7), mode="same") > 0)
    times = np.arange(frames) / FPS
    mask = np.zeros(frames, bool)
    for phone in phones:
        if phone.name != SILENCE:
            mask |= (times >= phone.start) & (times < phone.end)
    return mask


def follows(found: FloatArray, true: FloatArray, speaking: npt.NDArray[np.bool_]) -> Follows:
    """Compare two openings [frames] of one length."""
    lags = range(-MOST_LAG, MOST_LAG + 1)
    fits = [correlation(np.roll(found, -lag)[MOST_LAG:-MOST_LAG], true[MOST_LAG:-MOST_LAG]) for lag in lags]
    best = int(np.argmax(fits))
    return Follows(correlation(found, true), correlation(found[speaking], true[speaking]), lags[best], fits[best])


def correlation(one: FloatArray, other: FloatArray) -> float:
    """Pearson's; 0 where one of them does not move."""
    if len(one) < 2 or one.std() < 1e-9 or other.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def closures(found: FloatArray, phones: Sequence[Phone]) -> Closures:
    """How often an opening [frames] closes where it should, and where it should not."""
    bilabials = [phone for phone in phones if phone.name in BILABIALS]
    vowels = [phone for phone in phones if phone.name in OPEN_VOWELS and phone.end - phone.start >= 0.06]
    limit = CLOSED_PART * float(np.percentile(found, 95))
    chance = [_part_closed(np.roll(found, shift), bilabials, limit, CLOSURE_REACH) for shift in CHANCE_SHIFTS]
    return Closures(
        _part_closed(found, bilabials, limit, CLOSURE_REACH),
        float(np.mean(chance)),
        _part_shut(found, vowels, limit),
        len(bilabials),
    )


def _part_closed(found: FloatArray, phones: Sequence[Phone], limit: float, reach: float) -> float:
    """Part of the phones around which the opening falls below the limit."""
    hits = [found[_frames(phone, reach, len(found))].min(initial=np.inf) < limit for phone in phones]
    return float(np.mean(hits)) if hits else 0.0


def _part_shut(found: FloatArray, phones: Sequence[Phone], limit: float) -> float:
    """Part of the phones within which the opening never rises above the limit."""
    hits = [found[_frames(phone, 0.0, len(found))].max(initial=0.0) < limit for phone in phones]
    return float(np.mean(hits)) if hits else 0.0


def _frames(phone: Phone, reach: float, frames: int) -> slice:
    """The frames of a phone and `reach` seconds around it, at least one."""
    first = max(0, int(np.ceil((phone.start - reach) * FPS - 1e-6)))
    last = max(first + 1, int(np.floor((phone.end + reach) * FPS + 1e-6)) + 1)
    return slice(first, min(last, frames))


def jitter(curves: FloatArray) -> float:
    """Part of the movement's energy above 8 Hz, over all channels that move; 0 to 1."""
    moving = curves - curves.mean(axis=0)
    power = np.abs(np.fft.rfft(moving, axis=0)) ** 2
    frequency = np.fft.rfftfreq(len(curves), 1 / FPS)
    total = float(power[1:].sum())
    return float(power[frequency > 8].sum()) / total if total > 0 else 0.0


def emotion_shows(predict: Predict, samples: FloatArray) -> dict[str, tuple[float, float]]:
    """Per emotion set at intensity 1: part of the designed change that shows, and how well the words stay.

    The first is the projection of the mean change from neutral on the designed one; the second is the correlation of
    the opening with the neutral one's.
    """
    neutral = predict(samples, "neutral", 1.0)
    result = {}
    for emotion in EMOTIONS[1:]:
        face = predict(samples, emotion, 1.0)
        design = np.zeros(52)
        for name, value in FACES[emotion].items():
            design[[CHANNEL[side] for side in both(name)]] = value
        change = (face - neutral).mean(axis=0)
        result[emotion] = (
            float(change @ design / (design @ design)),
            correlation(opening(face), opening(neutral)),
        )
    return result


@dataclass(frozen=True)
class Figures:
    """All figures of one take, From Voice at intensity 1.

    jaw_in_silence: mean jawOpen well away from speech, None where the take has no such frames; opening_95: 95th
    percentile of the opening; jitter: part of the movement's energy above 8 Hz; channels: correlation on speech
    frames; the closures: None where no phones are known.
    """

    take: str
    network: Follows
    loudness: Follows
    jaw_in_silence: float | None
    opening_95: float
    jitter: float
    channels: dict[str, float]
    closures: Closures | None = None
    loudness_closures: Closures | None = None
    rules_closures: Closures | None = None


def evaluate_take(take: Take, predict: Predict) -> Figures:
    """All figures of one take."""
    found = predict(take.samples, FROM_VOICE, 1.0)
    frames = min(len(found), len(take.curves))
    true, speaking = opening(take.curves[:frames]), speech_mask(take.samples, take.phones, frames)
    silent = _deep_silence(speaking)
    loud = loudness_opening(take.samples, frames)
    figures = Figures(
        take=take.name,
        network=follows(opening(found[:frames]), true, speaking),
        loudness=follows(loud, true, speaking),
        jaw_in_silence=float(found[:frames][silent, CHANNEL["jawOpen"]].mean()) if silent.any() else None,
        opening_95=float(np.percentile(opening(found), 95)),
        jitter=jitter(found),
        channels={
            name: correlation(found[:frames][speaking, CHANNEL[name]], take.curves[:frames][speaking, CHANNEL[name]])
            for name in SHOWN_CHANNELS
        },
    )
    if take.phones is None:
        return figures
    return replace(
        figures,
        closures=closures(opening(found), take.phones),
        loudness_closures=closures(loud, take.phones),
        rules_closures=closures(true, take.phones),
    )


def _deep_silence(speaking: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Frames at least SILENT_SECONDS from any speech."""
    reach = int(SILENT_SECONDS * FPS)
    near = np.convolve(speaking, np.ones(2 * reach + 1), mode="same") > 0
    return np.asarray(~near)


def mean_follows(rows: Sequence[Follows]) -> Follows:
    """The figures of several takes, averaged (the lag is the median)."""
    return Follows(
        float(np.mean([row.all_frames for row in rows])),
        float(np.mean([row.speech_frames for row in rows])),
        int(np.median([row.lag for row in rows])),
        float(np.mean([row.best for row in rows])),
    )


def sum_closures(rows: Sequence[Closures]) -> Closures:
    """The closures of several takes together, each counted as often as it has P B M."""
    counts = [row.count for row in rows]
    weights = np.array(counts, np.float64) / max(sum(counts), 1)
    return Closures(
        float(weights @ np.array([row.closed for row in rows])),
        float(weights @ np.array([row.chance for row in rows])),
        float(weights @ np.array([row.false for row in rows])),
        sum(counts),
    )


def evaluate(takes: Sequence[Take], predict: Predict) -> tuple[list[Figures], dict[str, tuple[float, float]]]:
    """Figures of each take, and of set emotions over the first EMOTION_TAKES (see emotion_shows)."""
    figures = [evaluate_take(take, predict) for take in takes]
    shows = [emotion_shows(predict, take.samples) for take in takes[:EMOTION_TAKES]]
    emotions = {
        name: (float(np.mean([show[name][0] for show in shows])), float(np.mean([show[name][1] for show in shows])))
        for name in EMOTIONS[1:]
    }
    return figures, emotions


def table(figures: Sequence[Figures], emotions: dict[str, tuple[float, float]]) -> str:
    """The figures as text to read."""
    aligned = [row for row in figures if row.closures is not None]
    captured = [row for row in figures if row.closures is None]
    lines = [f"{'opening, From Voice':30s}{'all':>7s}{'speech':>8s}{'lag':>5s}{'best':>7s}"]
    for title, rows in (("on aligned speech (rules)", aligned), ("on captures (actors)", captured)):
        if rows:
            lines += [title, *_group_lines(rows)]
    if aligned:
        lines.append(f"{'P B M':30s}{'closed':>8s}{'chance':>8s}{'false':>7s}{'count':>7s}")
        for name, found in (
            ("network", [row.closures for row in aligned if row.closures]),
            ("loudness", [row.loudness_closures for row in aligned if row.loudness_closures]),
            ("rules", [row.rules_closures for row in aligned if row.rules_closures]),
        ):
            sums = sum_closures(found)
            parts = f"{100 * sums.closed:7.0f}%{100 * sums.chance:7.0f}%{100 * sums.false:6.0f}%{sums.count:7d}"
            lines.append(f"  {name:28s}{parts}")
    lines.append(f"{'emotion set, intensity 1':30s}{'shown':>7s}{'words':>8s}")
    lines += [f"  {name:28s}{100 * part:6.0f}%{words:8.2f}" for name, (part, words) in emotions.items()]
    return "\n".join(lines) + "\n"


def _group_lines(rows: Sequence[Figures]) -> list[str]:
    """The lines of takes of one kind."""
    lines = []
    for name, found in (("network", [row.network for row in rows]), ("loudness", [row.loudness for row in rows])):
        mean = mean_follows(found)
        numbers = f"{mean.all_frames:7.2f}{mean.speech_frames:8.2f}{mean.lag:5d}{mean.best:7.2f}"
        lines.append(f"  {name:28s}{numbers}")
    for channel in SHOWN_CHANNELS:
        lines.append(f"    {channel:33s}{np.mean([row.channels[channel] for row in rows]):8.2f}")
    silent = [row.jaw_in_silence for row in rows if row.jaw_in_silence is not None]
    if silent:
        lines.append(f"  {'jawOpen in silence':28s}{np.mean(silent):7.3f}")
    lines.append(f"  {'opening, 95th percentile':28s}{np.mean([row.opening_95 for row in rows]):7.3f}")
    lines.append(f"  {'movement above 8 Hz':28s}{np.mean([row.jitter for row in rows]):7.3f}")
    return lines
