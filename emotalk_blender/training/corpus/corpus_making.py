# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a corpus: captures, recordings and their copies in other voices and moods, and synthesised speech.

The same seed and the same recordings and captures give the same corpus, with however many processes; a run that was
stopped goes on where it was.
"""

from __future__ import annotations

import json
import math
import multiprocessing
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from ...errors import EmoTalkError
from ...inference.performance import EMOTIONS
from ..captures.captures import Capture, read_captures
from ..rules.loudness import FPS
from ..speech.recordings import read_recordings
from ..speech.sentences import sentence
from ..speech.synthesis import (
    ESPEAK_ACCENTS,
    ESPEAK_VARIANTS,
    FLITE_VOICES,
    SAMPLE_RATE,
    Utterance,
    espeak,
    missing_synthesisers,
    speak_flite,
)
from ..speech.voices import join, mood, revoice
from .corpus import CAPTURE, Clip, Progress, capture_labels, label, read_manifest, sound_path, write_labels

FORMAT = "emotalk-corpus-1"
MEAN_CLIP_SECONDS = 8.0
REVOICED_SHARE = 0.7
"""Part of the synthesised clips that go through the vocoder; the rest keep their synthesiser's own voice."""
RECORDED_SHARE = 0.38
"""Part of the hours that recordings and their revoiced copies make up, where recordings are given."""
VALIDATION_EVERY = 30
CAPTURE_VALIDATION_EVERY = 10
CAPTURE_SECONDS = 7.0
"""Length of the pieces of captures; a cut moves up to CUT_REACH to a quiet place."""
CUT_REACH = 1.4
STRENGTHS = (0.6, 1.0)
SOURCES = {
    "flite": "flite voices kal16, awb, rms and slt; flite and its voices are free software (BSD-like, Carnegie Mellon)",
    "espeak": "espeak-ng, GPL-3.0-or-later; speech that a program speaks is not covered by the program's licence",
    "recording": "recordings given with --speech; their licences are those of their folders",
    CAPTURE: "performances given with --captures; their licences are those of their folders",
}


@dataclass(frozen=True)
class Task:
    """One clip to be made: number in the corpus, seed, and the recording or capture it is made from, if any."""

    folder: Path
    number: int
    seed: int
    recording: Utterance | None = None
    capture: Capture | None = None
    voice: str = ""
    plain: bool = False
    split: str = "train"


def make_corpus(
    out: Path,
    hours: float,
    seed: int,
    speech: list[Path] | None = None,
    captures: list[Path] | None = None,
    processes: int = 2,
    report: Progress | None = None,
) -> list[Clip]:
    """Make (or go on making) a corpus of about `hours` hours; returns its manifest.

    speech: folders of recordings with transcripts (see transcripts.read_transcripts); captures: takes (see
    captures.read_captures). Raises EmoTalkError where a synthesiser is missing, no recording fits its transcript, or
    the folder holds another corpus.
    """
    report = report or (lambda what, part: None)
    missing = missing_synthesisers()
    if missing:
        raise EmoTalkError(f"Making speech needs {' and '.join(missing)}. Install the packages of these names.")
    for folder in (out / "sound", out / "labels"):
        folder.mkdir(parents=True, exist_ok=True)
    names = {"speech": [path.name for path in speech or []], "captures": [path.name for path in captures or []]}
    _keep_settings(out, {"format": FORMAT, "seed": seed, "hours": hours, **names})

    takes = [piece for path in captures or [] for take in read_captures(path) for piece in capture_pieces(take)]
    report("Aligning the recordings", 0.0)
    recordings = read_recordings(speech or [])
    if speech and not recordings:
        raise EmoTalkError("No recording fits its transcript. Check the folders given with --speech.")
    tasks = plan(out, hours, seed, recordings, takes)
    done = {clip.id: clip for clip in read_manifest(out)} if (out / "manifest.jsonl").is_file() else {}
    waiting = [task for task in tasks if clip_id(task.number) not in done]
    with (out / "manifest.jsonl").open("a", encoding="utf-8") as manifest:
        for clip in _run(waiting, processes):
            done[clip.id] = clip
            manifest.write(json.dumps(asdict(clip)) + "\n")
            manifest.flush()
            report("Making speech", len(done) / len(tasks))
    clips = [done[key] for key in sorted(done)]
    text = "".join(json.dumps(asdict(clip)) + "\n" for clip in clips)
    (out / "manifest.jsonl").write_text(text, encoding="utf-8")
    return clips


def plan(
    out: Path, hours: float, seed: int, recordings: list[tuple[str, Utterance]], captures: list[Capture] | None = None
) -> list[Task]:
    """Every clip of a corpus, in order: captures, recordings and their copies, then synthesised speech."""
    tasks: list[Task] = []
    for index, take in enumerate(captures or []):
        last = index % CAPTURE_VALIDATION_EVERY == CAPTURE_VALIDATION_EVERY - 1
        tasks.append(
            Task(out, len(tasks), seed, capture=take, voice=take.name, split="validation" if last else "train")
        )
    captured = sum(len(take.samples) for take in captures or []) / SAMPLE_RATE
    seconds = sum(piece.seconds for _, piece in recordings)
    copies = max(1, round(hours * 3600 * RECORDED_SHARE / seconds)) if seconds else 0
    for copy in range(copies):
        for index, (name, piece) in enumerate(recordings):
            split = "validation" if index % VALIDATION_EVERY == 0 else "train"
            tasks.append(Task(out, len(tasks), seed, piece, voice=name, plain=copy == 0, split=split))
    count = max(1, math.ceil((hours * 3600 - copies * seconds - captured) / MEAN_CLIP_SECONDS))
    for index in range(count):
        split = "validation" if index % VALIDATION_EVERY == VALIDATION_EVERY - 1 else "train"
        tasks.append(Task(out, len(tasks), seed, split=split))
    return tasks


def capture_pieces(take: Capture) -> list[Capture]:
    """A take in pieces of 4 to 10 s, cut where it is quiet; one of up to 10 s as it is."""
    frames = len(take.curves)
    count = max(1, round(frames / FPS / CAPTURE_SECONDS))
    energy = np.add.reduceat(np.square(take.samples), np.arange(frames) * SAMPLE_RATE // FPS)
    reach = round(CUT_REACH * FPS)
    edges = [0]
    for middle in np.round(np.arange(1, count) * frames / count).astype(int):
        edges.append(int(middle - reach + np.argmin(energy[middle - reach : middle + reach + 1])))
    return [_stretch(take, first, last) for first, last in pairwise([*edges, frames])]


def _stretch(take: Capture, first: int, last: int) -> Capture:
    """The frames of a take from `first` to before `last`, with their sound."""
    start = round(first * SAMPLE_RATE / FPS)
    samples = take.samples[start : start + (last - first) * SAMPLE_RATE // FPS]
    return Capture(take.name, samples, take.curves[first:last], take.captured)


def clip_id(number: int) -> str:
    """The id of a clip, which its files are named after."""
    return f"{number:06d}"


def make_clip(task: Task) -> Clip:
    """Make one clip and write its sound and labels."""
    rng = np.random.default_rng([task.seed, task.number])
    emotion, strength, source, voice = "neutral", 0.0, CAPTURE, task.voice
    if task.capture is not None:
        utterance = Utterance(task.capture.samples, [])
    elif task.recording is not None:
        source = "recording"
        emotion, strength, utterance = _revoiced_recording(task.recording, task.plain, rng)
    else:
        source, voice, emotion, strength, utterance = _synthesise(rng)
    peak = float(np.abs(utterance.samples).max())
    samples = utterance.samples * (rng.uniform(0.3, 0.95) / max(peak, 1e-4))
    key = clip_id(task.number)
    phones = [(phone.name, round(phone.start, 4), round(phone.end, 4)) for phone in utterance.phones]
    clip = Clip(key, round(utterance.seconds, 4), source, voice, emotion, strength, task.split, phones)
    soundfile.write(sound_path(task.folder, clip), samples, SAMPLE_RATE, subtype="PCM_16")
    take = task.capture
    write_labels(
        task.folder, clip, capture_labels(take.curves, take.captured) if take else label(samples, clip.phone_list())
    )
    return clip


def _keep_settings(out: Path, settings: dict[str, Any]) -> None:
    """Note the settings in the corpus, or check that they are those it was begun with."""
    path = out / "corpus.json"
    if path.is_file():
        old = json.loads(path.read_text(encoding="utf-8"))
        if {key: old.get(key) for key in settings} != settings:
            raise EmoTalkError(f"{out} holds a corpus with other settings. Choose another folder for the new one.")
        return
    path.write_text(json.dumps({**settings, "sources": SOURCES}, indent=2) + "\n", encoding="utf-8")


def _run(tasks: list[Task], processes: int) -> Iterator[Clip]:
    """Make the clips, in order. Each in a process of its own: espeak-ng then never remembers the clip before."""
    if not tasks:
        return
    context = multiprocessing.get_context("fork")
    with context.Pool(processes, maxtasksperchild=1) as pool:
        yield from pool.imap(make_clip, tasks, chunksize=1)


def _voice_mood(rng: np.random.Generator) -> tuple[str, float]:
    """A mood for a voice: neutral as often as two of the others together."""
    weights = np.array([2.0 if name == "neutral" else 1.0 for name in EMOTIONS])
    emotion = str(rng.choice(EMOTIONS, p=weights / weights.sum()))
    return emotion, 0.0 if emotion == "neutral" else float(rng.choice(STRENGTHS))


def _revoiced_recording(recording: Utterance, plain: bool, rng: np.random.Generator) -> tuple[str, float, Utterance]:
    """Emotion, strength and speech: the recording itself (plain), or in another voice and mood."""
    if plain:
        return "neutral", 0.0, recording
    emotion, strength = _voice_mood(rng)
    return emotion, strength, _new_voice(recording, emotion, strength, rng)


def _new_voice(
    utterance: Utterance, emotion: str, strength: float, rng: np.random.Generator, pitch: float | None = None
) -> Utterance:
    """The utterance in a mood, in a random voice unless its pitch factor is given (then formants go with it)."""
    pitch = pitch if pitch is not None else float(np.exp(rng.uniform(-0.5, 0.55)))
    formants = float(np.clip(pitch ** rng.uniform(0.2, 0.5), 0.84, 1.2))
    prosody = mood(emotion, strength)
    changed = {"pitch": prosody.pitch * pitch, "speed": prosody.speed * float(rng.uniform(0.88, 1.15))}
    return revoice(utterance, replace(prosody, **changed), formants, rng)


def _synthesise(rng: np.random.Generator) -> tuple[str, str, str, float, Utterance]:
    """Source, voice, emotion, strength and speech: two or three made-up sentences with pauses."""
    revoiced = rng.random() < REVOICED_SHARE
    emotion, strength = _voice_mood(rng) if revoiced else ("neutral", 0.0)
    use_flite = rng.random() < 0.4
    if use_flite:
        voice = str(rng.choice(FLITE_VOICES))
        stretch = float(rng.uniform(0.7, 1.15))
    else:
        voice = f"{rng.choice(ESPEAK_ACCENTS)}+{rng.choice(ESPEAK_VARIANTS)}"
        rate, pitch, pitch_range = int(rng.integers(140, 250)), int(rng.integers(25, 75)), int(rng.integers(30, 80))
    pitch_factor = float(np.exp(rng.uniform(-0.4, 0.5)))
    utterances = []
    for _ in range(int(rng.integers(2, 4))):
        text = sentence(rng) + str(rng.choice([".", ".", "?", "!"]))
        spoken = (
            speak_flite(text, voice, stretch) if use_flite else espeak().speak(text, voice, rate, pitch, pitch_range)
        )
        if revoiced:
            spoken = _new_voice(spoken, emotion, strength, rng, pitch_factor)
        utterances.append(spoken)
    pauses = [float(rng.uniform(0.05, 0.9)) for _ in range(len(utterances) + 1)]
    return "flite" if use_flite else "espeak", voice, emotion, strength, join(utterances, pauses)
