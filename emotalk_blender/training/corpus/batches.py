# SPDX-License-Identifier: GPL-3.0-or-later
"""From a corpus to batches: crops of speech, and the face that the network must make of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import soundfile
import torch
from torch import Tensor

from ...curves import FPS, SAMPLE_RATE, DoubleArray, FloatArray
from ...inference.performance import EMOTIONS
from ..rules.articulation import Speech
from ..rules.expression import PERSONS, design, perform
from ..rules.phones import BILABIALS, INDEX, LABIODENTALS
from ..rules.prosody import Prosody, heard_prosody, no_prosody
from .augmentation import augment, augment_mildly, noise
from .corpus import CAPTURE, UNKNOWN, Clip, Labels, read_labels, read_manifest, sound_path

SPEED = 0.15
"""Crops are played up to that part faster or slower (and so higher or lower)."""
SILENT_SHARE = 0.04
"""Part of the crops that are mere noise, under which the mouth stays shut."""
PLAIN_PERSON_SHARE = 0.3
CAPTURED_SET_SHARE = 0.5
OWN_PERSON_SHARE = 0.5
"""Part of the captured crops that teach their speaker's own person; the others teach the plain one."""
STRONGEST = 1.2
VOICE_WEAKEST = 0.4
"""From Voice, level 0: the part of the voice's emotion that still shows."""

BILABIAL_INDICES = [INDEX[name] for name in sorted(BILABIALS)]
CONTACT_INDICES = [INDEX[name] for name in sorted(BILABIALS | LABIODENTALS)]


@dataclass(frozen=True)
class RowShares:
    """What part of a batch has which task, 0 to 1; the rest follows its own voice (the paper's self-reconstruction).

    set: the emotion is set through a learned prototype; cross: the emotion features come from another row's voice (the
    paper's cross-reconstruction); captured: a real performance, followed in the channels that were captured.
    """

    set: float = 0.5
    cross: float = 0.25
    captured: float = 0.125


@dataclass(frozen=True)
class Batch:
    """A batch on one length.

    audio: what the content branch hears, [batch, samples] 16 kHz, not normalised; mood_audio: what the emotion branch
    hears, the same with its mood less disguised. voice: emotion that each voice has, [batch] index into EMOTIONS, or
    UNKNOWN. source: row whose emotion features drive each row, [batch]; where set, the learned prototype of `emotion`
    does. emotion, intensity: of the target face, [batch]; person: [batch]. target: [batch, frames, 52]; known: [batch,
    52], how far the target tells each channel, 0 (not at all) to 1; phones: [batch, frames], or UNKNOWN.
    """

    audio: Tensor
    mood_audio: Tensor
    voice: Tensor
    source: Tensor
    is_set: Tensor
    emotion: Tensor
    intensity: Tensor
    person: Tensor
    target: Tensor
    known: Tensor
    phones: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on another device."""
        return Batch(*(getattr(self, entry.name).to(device) for entry in fields(self)))


@dataclass(frozen=True)
class Crop:
    """A stretch of a clip: sound (for words and for moods), labels, and the emotion and strength of its voice.

    person: of a captured speaker; 0 where he has none of his own.
    """

    audio: FloatArray
    mood_audio: FloatArray
    labels: Labels
    emotion: str
    strength: float
    person: int = 0


class CorpusReader:
    """The clips of one split of a corpus; labels in memory, sound from disk as it is needed.

    Either its captured performances or, as a rule, all others, which have phones and the rules' faces. persons: number
    of the person that each captured speaker is, by the name of the voice.
    """

    def __init__(
        self, folder: Path, split: str, captured: bool = False, persons: Mapping[str, int] | None = None
    ) -> None:
        self.folder = folder
        self._captured, self._persons = captured, persons or {}
        clips = [clip for clip in read_manifest(folder) if clip.split == split]
        self.clips = [clip for clip in clips if (clip.source == CAPTURE) == captured]
        self.labels = [read_labels(folder, clip) for clip in self.clips]
        if captured:
            self.labels = [
                self._with_prosody(labels, clip) for labels, clip in zip(self.labels, self.clips, strict=True)
            ]
        self.weights = clip_weights(self.clips)

    def _with_prosody(self, labels: Labels, clip: Clip) -> Labels:
        """The labels of a capture, with what emotions follow in a voice, told by its loudness."""
        samples, _ = soundfile.read(sound_path(self.folder, clip), dtype="float32")
        return replace(labels, speech=replace(labels.speech, prosody=heard_prosody(samples, labels.speech.frames)))

    def crop(self, index: int, start: float, frames: int, speed: float = 1.0) -> Crop:
        """`frames` frames of a clip from `start` seconds on, at another speed; silence where the clip has ended."""
        clip, labels = self.clips[index], self.labels[index]
        wanted = frames * SAMPLE_RATE // FPS
        taken = int(wanted * speed)
        path = sound_path(self.folder, clip)
        first = int(start * SAMPLE_RATE)
        samples, _ = soundfile.read(path, frames=taken, start=first, dtype="float32", fill_value=0.0)
        if len(samples) < taken:
            samples = np.pad(samples, (0, taken - len(samples)))
        audio = np.interp(np.arange(wanted) * (taken / wanted), np.arange(taken), samples).astype(np.float32)
        times = (first / SAMPLE_RATE + np.arange(frames) / FPS * speed) * FPS
        person = self._persons.get(clip.voice, 0)
        return Crop(audio, audio, _labels_at(labels, times), clip.emotion, clip.strength, person)

    def random_crop(self, frames: int, rng: np.random.Generator) -> Crop:
        """A random stretch at a random speed, through a random microphone; now and then only noise.

        Of captured performances the stretch is filled with others of the same voice where a clip is shorter.
        """
        if self._captured:
            crop = self._captured_crop(frames, rng)
        elif rng.random() < SILENT_SHARE:
            return silence(frames, rng)
        else:
            index = int(rng.choice(len(self.clips), p=self.weights))
            crop = self._random_part(index, frames, float(rng.uniform(1 - SPEED, 1 + SPEED)), rng)
        return replace(crop, audio=augment(crop.audio, rng), mood_audio=augment_mildly(crop.audio, rng))

    def _captured_crop(self, frames: int, rng: np.random.Generator) -> Crop:
        """A random stretch of captured performances of one voice, one after another until it is filled."""
        index = int(rng.choice(len(self.clips), p=self.weights))
        speed = float(rng.uniform(1 - SPEED, 1 + SPEED))
        same = [number for number, clip in enumerate(self.clips) if clip.voice == self.clips[index].voice]
        parts: list[Crop] = []
        while (missing := frames - sum(len(part.labels.phones) for part in parts)) > 0:
            whole = max(1, int(self.clips[index].seconds * FPS / speed))
            parts.append(self._random_part(index, min(missing, whole), speed, rng))
            index = int(rng.choice(same))
        return _joined(parts)

    def _random_part(self, index: int, frames: int, speed: float, rng: np.random.Generator) -> Crop:
        """A random stretch of a clip."""
        last = max(0.0, self.clips[index].seconds - frames / FPS * speed)
        return self.crop(index, float(rng.uniform(0, last)), frames, speed)


def _joined(parts: list[Crop]) -> Crop:
    """Crops of one voice one after another; the sound of each is as long as its frames, to a sample."""
    if len(parts) == 1:
        return parts[0]
    labels = [part.labels for part in parts]
    prosody = Prosody(
        *(np.concatenate([getattr(one.speech.prosody, field.name) for one in labels]) for field in fields(Prosody))
    )
    curves, contact = (np.concatenate([getattr(one.speech, name) for one in labels]) for name in ("curves", "contact"))
    phones = np.concatenate([one.phones for one in labels])
    samples = np.concatenate([part.audio for part in parts])
    samples = np.pad(samples, (0, len(phones) * SAMPLE_RATE // FPS - len(samples)))
    joined = replace(labels[0], speech=Speech(curves, contact, prosody), phones=phones)
    return replace(parts[0], audio=samples, mood_audio=samples, labels=joined)


def clip_weights(clips: list[Clip]) -> DoubleArray:
    """How likely each clip is drawn, [clips], in all 1: a source by its seconds, a voice in it by the root of its own.

    So a speaker with an hour does not drown those with a minute, nor are these heard as often as he is.
    """
    seconds = np.array([clip.seconds for clip in clips])
    sources = np.array([clip.source for clip in clips])
    voices = np.array([f"{clip.source}/{clip.voice}" for clip in clips])
    weights = seconds.copy()
    for voice in np.unique(voices):
        weights[voices == voice] /= np.sqrt(seconds[voices == voice].sum())
    for source in np.unique(sources):
        weights[sources == source] *= seconds[sources == source].sum() / weights[sources == source].sum()
    return weights / weights.sum() if len(weights) else weights


def silence(frames: int, rng: np.random.Generator) -> Crop:
    """Noise at any level, or none at all, under a resting face."""
    samples = noise(frames * SAMPLE_RATE // FPS, rng) * np.float32(10 ** rng.uniform(-4.5, -1))
    if rng.random() < 0.3:
        samples = np.zeros_like(samples)
    speech = Speech(np.zeros((frames, 52), np.float32), np.zeros(frames, np.float32), no_prosody(frames))
    return Crop(samples, samples, Labels(speech, np.zeros(frames, np.int64)), "neutral", 0.0)


@dataclass(frozen=True)
class BatchSources:
    """Where the rows of a batch come from: speech with the rules' faces, and captured performances if there are any."""

    spoken: CorpusReader
    captured: CorpusReader | None = None


def draw_batch(
    sources: BatchSources, size: int, frames: int, rng: np.random.Generator, shares: RowShares = RowShares()
) -> Batch:
    """A random batch of `size` crops of `frames` frames with tasks by their shares.

    The rules know the face of any words in any emotion, so cross-reconstruction needs no recorded pairs. Without
    captures their rows follow the rules too.
    """
    captures = sources.captured if sources.captured is not None and sources.captured.clips else None
    captured = int(shares.captured * size + rng.random()) if captures is not None else 0
    crops = [sources.spoken.random_crop(frames, rng) for _ in range(size - captured)]
    if captures is not None:
        crops += [captures.random_crop(frames, rng) for _ in range(captured)]
    return assemble(crops, rng, shares)


def assemble(crops: list[Crop], rng: np.random.Generator, shares: RowShares = RowShares()) -> Batch:
    """The batch of some crops of one length, each row with its task; captured crops come last."""
    size = len(crops)
    spoken = sum(crop.labels.captured is None for crop in crops)
    tasks = _tasks(spoken, shares)
    source, is_set = np.arange(size), np.zeros(size, bool)
    emotion, strength = np.zeros(size, np.int64), np.zeros(size, np.float32)
    intensity = rng.uniform(0, STRONGEST, size).astype(np.float32)
    person = np.where(rng.random(size) < PLAIN_PERSON_SHARE, 0, rng.integers(0, PERSONS, size))
    voice = np.array([UNKNOWN if crop.labels.captured is not None else EMOTIONS.index(crop.emotion) for crop in crops])
    for row, task in enumerate(tasks):
        if task == "set":
            is_set[row] = True
            emotion[row], strength[row] = rng.integers(len(EMOTIONS)), intensity[row]
        else:
            source[row] = row if task == "own" else rng.integers(spoken)
            emotion[row] = voice[source[row]]
            shown = VOICE_WEAKEST + (1 - VOICE_WEAKEST) * intensity[row]
            strength[row] = crops[source[row]].strength * shown
    for row in range(spoken, size):
        # The actor spoke plainly; set emotions are played on top, or his voice would hide them.
        person[row] = crops[row].person if rng.random() < OWN_PERSON_SHARE else 0
        is_set[row] = bool(rng.random() < CAPTURED_SET_SHARE)
        if is_set[row]:
            emotion[row], strength[row] = rng.integers(len(EMOTIONS)), intensity[row]
    styles = np.where(np.arange(size) < spoken, person, 0)  # an actor has his style already
    targets = [
        perform(crop.labels.speech, EMOTIONS[emotion[row]], float(strength[row]), int(styles[row]), crop.labels.told)
        for row, crop in enumerate(crops)
    ]
    known = [_known(crop.labels, EMOTIONS[emotion[row]]) for row, crop in enumerate(crops)]
    return Batch(
        audio=torch.from_numpy(np.stack([crop.audio for crop in crops])),
        mood_audio=torch.from_numpy(np.stack([crop.mood_audio for crop in crops])),
        voice=torch.from_numpy(voice),
        source=torch.from_numpy(source),
        is_set=torch.from_numpy(is_set),
        emotion=torch.from_numpy(emotion),
        intensity=torch.from_numpy(intensity),
        person=torch.from_numpy(person),
        target=torch.from_numpy(np.stack(targets)),
        known=torch.from_numpy(np.stack(known)),
        phones=torch.from_numpy(np.stack([crop.labels.phones for crop in crops])),
    )


def _known(labels: Labels, emotion: str) -> FloatArray:
    """How far each channel's target is known, [52], 0 to 1: wholly by the rules; of a capture as far as it is trusted,
    and wholly where the emotion moves it.
    """
    if labels.captured is None:
        return np.ones(52, np.float32)
    known: FloatArray = np.maximum(labels.captured, design(emotion) != 0).astype(np.float32)
    return known


def _tasks(rows: int, shares: RowShares) -> list[str]:
    """The task of each row: "set", "cross" or "own", as many of each as the shares say."""
    set_rows, cross_rows = round(shares.set * rows), round(shares.cross * rows)
    tasks = ["set"] * set_rows + ["cross"] * cross_rows
    return (tasks + ["own"] * rows)[:rows]


def spread_of_targets(spoken: CorpusReader, captured: CorpusReader, clips: int = 100) -> FloatArray:
    """Standard deviation of each blendshape over faces in random emotions, and over the actors': float32 [52].

    The larger of the two, at least 0.03.
    """
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(spoken.clips), min(clips, len(spoken.clips)), replace=False)
    faces = [
        perform(spoken.labels[index].speech, str(rng.choice(EMOTIONS)), float(rng.uniform(0, 1)), 0) for index in chosen
    ]
    spread = np.maximum(np.concatenate(faces).std(axis=0), 0.03)
    if captured.clips:
        actors = [labels.speech.curves for labels in captured.labels[:: max(1, len(captured.clips) // clips)]]
        spread = np.maximum(spread, np.concatenate(actors).std(axis=0))
    found: FloatArray = spread.astype(np.float32)
    return found


def captured_speakers(folder: Path) -> tuple[str, ...]:
    """The speakers of the captured performances that a corpus has to train on, by name."""
    clips = [clip for clip in read_manifest(folder) if clip.source == CAPTURE and clip.split == "train"]
    return tuple(sorted({clip.voice for clip in clips}))


def _labels_at(labels: Labels, times: DoubleArray) -> Labels:
    """Labels at fractional frames, rest beyond the end."""
    count = labels.speech.frames
    left = np.clip(np.floor(times).astype(int), 0, count - 1)
    right = np.minimum(left + 1, count - 1)
    part = (times - np.floor(times)).astype(np.float32)
    inside = (times < count).astype(np.float32)

    def at(values: FloatArray) -> FloatArray:
        weight, keep = (part[:, None], inside[:, None]) if values.ndim == 2 else (part, inside)
        moved: FloatArray = ((values[left] * (1 - weight) + values[right] * weight) * keep).astype(np.float32)
        return moved

    speech = labels.speech
    prosody = Prosody(*(at(getattr(speech.prosody, field.name)) for field in fields(Prosody)))
    moved = Speech(at(speech.curves), at(speech.contact), prosody)
    return Labels(moved, np.where(times < count, labels.phones[left], 0), labels.captured)
