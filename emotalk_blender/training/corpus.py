# SPDX-License-Identifier: GPL-3.0-or-later
"""The labelled corpus: speech whose phone times are known, with the blendshape curves that the rules give it.

A corpus is a folder:

    corpus.json         format, seed, hours, sources and their licences
    manifest.jsonl      one clip a line: id, seconds, source, voice, emotion and strength of the voice, split, phones as
                        [name, start, end] in seconds
    sound/ID.flac       mono, 16 kHz, 16 bit
    labels/ID.safetensors   at 30 fps: curves [frames, 52], contact, activity, accent [frames] (float16, plain speech
                        by the rules; see articulation.Speech) and phones [frames] (uint8, index into phones.PHONES)

The face of a clip in any emotion, strength and person is expression.perform of its labels. The same seed and the same
recordings give the same corpus, with however many processes; a run that was stopped goes on where it was.
"""

from __future__ import annotations

import json
import math
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import soxr
from safetensors.numpy import load_file, save_file

from ..curves import FloatArray
from ..errors import EmoTalkError
from ..inference.performance import EMOTIONS
from .alignment import Aligner, cut_at_pauses, read_transcripts
from .articulation import FPS, Speech, articulate, loudness
from .phones import SILENCE, Phone, frame_labels
from .sentences import sentence
from .synthesis import (
    ESPEAK_ACCENTS,
    ESPEAK_VARIANTS,
    FLITE_VOICES,
    SAMPLE_RATE,
    Utterance,
    espeak,
    missing_synthesisers,
    speak_flite,
)
from .voices import join, mood, revoice

FORMAT = "emotalk-corpus-1"
MEAN_CLIP_SECONDS = 8.0
REVOICED_SHARE = 0.7
"""Part of the synthesised clips that go through the vocoder; the rest keep their synthesiser's own voice."""
RECORDED_SHARE = 0.3
"""Part of the hours that recordings and their revoiced copies make up, where recordings are given."""
VALIDATION_EVERY = 30
STRENGTHS = (0.6, 1.0)
SOURCES = {
    "flite": "flite voices kal16, awb, rms and slt; flite and its voices are free software (BSD-like, Carnegie Mellon)",
    "espeak": "espeak-ng, GPL-3.0-or-later; speech that a program speaks is not covered by the program's licence",
    "recording": "recordings given with --speech; their licences are those of their folders",
}

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Clip:
    """One line of the manifest."""

    id: str
    seconds: float
    source: str
    voice: str
    emotion: str
    strength: float
    split: str
    phones: list[tuple[str, float, float]]

    def phone_list(self) -> list[Phone]:
        """The phones as Phone."""
        return [Phone(name, start, end) for name, start, end in self.phones]


@dataclass(frozen=True)
class Labels:
    """The labels of a clip at 30 fps: the rules' plain speech, and the phone of each frame (index into PHONES)."""

    speech: Speech
    phones: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """One clip to be made: number in the corpus, seed, and the recording it is made from, if any."""

    folder: Path
    number: int
    seed: int
    recording: Utterance | None = None
    voice: str = ""
    plain: bool = False
    split: str = "train"


def make_corpus(
    out: Path,
    hours: float,
    seed: int,
    speech: list[Path] | None = None,
    processes: int = 2,
    report: Progress | None = None,
) -> list[Clip]:
    """Make (or go on making) a corpus of about `hours` hours; returns its manifest.

    speech: folders of recordings with transcripts (see alignment.read_transcripts). Raises EmoTalkError where a
    synthesiser is missing, or the folder holds another corpus.
    """
    report = report or (lambda what, part: None)
    missing = missing_synthesisers()
    if missing:
        raise EmoTalkError(f"Making speech needs {' and '.join(missing)}. Install the packages of these names.")
    for folder in (out / "sound", out / "labels"):
        folder.mkdir(parents=True, exist_ok=True)
    _keep_settings(out, {"format": FORMAT, "seed": seed, "hours": hours, "speech": [p.name for p in speech or []]})

    report("Aligning the recordings", 0.0)
    recordings = _recordings(speech or [])
    tasks = plan(out, hours, seed, recordings)
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


def plan(out: Path, hours: float, seed: int, recordings: list[tuple[str, Utterance]]) -> list[Task]:
    """Every clip of a corpus, in order: recordings and their copies first, then synthesised speech."""
    tasks: list[Task] = []
    seconds = sum(piece.seconds for _, piece in recordings)
    copies = max(1, round(hours * 3600 * RECORDED_SHARE / seconds)) if seconds else 0
    for copy in range(copies):
        for index, (name, piece) in enumerate(recordings):
            split = "validation" if index % VALIDATION_EVERY == 0 else "train"
            tasks.append(Task(out, len(tasks), seed, piece, name, copy == 0, split))
    count = max(1, math.ceil((hours * 3600 - copies * seconds) / MEAN_CLIP_SECONDS))
    for index in range(count):
        split = "validation" if index % VALIDATION_EVERY == VALIDATION_EVERY - 1 else "train"
        tasks.append(Task(out, len(tasks), seed, split=split))
    return tasks


def clip_id(number: int) -> str:
    """The id of a clip, which its files are named after."""
    return f"{number:06d}"


def make_clip(task: Task) -> Clip:
    """Make one clip and write its sound and labels."""
    rng = np.random.default_rng([task.seed, task.number])
    if task.recording is not None:
        emotion, strength, utterance = _revoiced_recording(task.recording, task.plain, rng)
        source, voice = "recording", task.voice
    else:
        source, voice, emotion, strength, utterance = _synthesise(rng)
    peak = float(np.abs(utterance.samples).max())
    samples = utterance.samples * (rng.uniform(0.3, 0.95) / max(peak, 1e-4))
    key = clip_id(task.number)
    soundfile.write(task.folder / "sound" / f"{key}.flac", samples, SAMPLE_RATE, subtype="PCM_16")
    phones = [(phone.name, round(phone.start, 4), round(phone.end, 4)) for phone in utterance.phones]
    clip = Clip(key, round(utterance.seconds, 4), source, voice, emotion, strength, task.split, phones)
    write_labels(task.folder, clip, label(samples, clip.phone_list()))
    return clip


def label(samples: FloatArray, phones: list[Phone]) -> Labels:
    """The labels of a clip (float32 [N], 16 kHz) by the rules."""
    speech = articulate(phones, loudness(samples, phones))
    return Labels(speech, frame_labels(phones, speech.frames, FPS))


def write_labels(folder: Path, clip: Clip, labels: Labels) -> None:
    """Write a clip's labels into the corpus."""
    speech = labels.speech
    tensors: dict[str, npt.NDArray[Any]] = {
        "curves": speech.curves.astype(np.float16),
        "contact": speech.contact.astype(np.float16),
        "activity": speech.activity.astype(np.float16),
        "accent": speech.accent.astype(np.float16),
        "phones": labels.phones.astype(np.uint8),
    }
    save_file(tensors, folder / "labels" / f"{clip.id}.safetensors")


def read_labels(folder: Path, clip: Clip) -> Labels:
    """The labels of a clip of a corpus."""
    tensors = load_file(folder / "labels" / f"{clip.id}.safetensors")
    names = ("curves", "contact", "activity", "accent")
    return Labels(Speech(*(tensors[name].astype(np.float32) for name in names)), tensors["phones"].astype(np.int64))


def read_manifest(folder: Path) -> list[Clip]:
    """The clips of a corpus, by id. Raises EmoTalkError where the folder holds none."""
    path = folder / "manifest.jsonl"
    if not path.is_file():
        raise EmoTalkError(f"{folder} is no corpus. Make one with: python -m emotalk_blender.training corpus --out DIR")
    clips = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            clip = Clip(**json.loads(line))
        except (json.JSONDecodeError, TypeError):
            continue  # the line that a stopped run left unfinished; its clip is made again
        clips[clip.id] = clip
    return [clips[key] for key in sorted(clips)]


def relabel(folder: Path, report: Progress | None = None) -> None:
    """Write all labels of a corpus anew, after the rules have changed."""
    clips = read_manifest(folder)
    for index, clip in enumerate(clips):
        samples, _ = soundfile.read(folder / "sound" / f"{clip.id}.flac", dtype="float32")
        write_labels(folder, clip, label(samples, clip.phone_list()))
        if report:
            report("Writing labels", (index + 1) / len(clips))


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


def _recordings(folders: list[Path]) -> list[tuple[str, Utterance]]:
    """The recordings of the folders, aligned and cut into pieces; those that do not fit their text are left out."""
    if not folders:
        return []
    aligner = Aligner()
    pieces: list[tuple[str, Utterance]] = []
    for folder in folders:
        for path, text in read_transcripts(folder):
            samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
            mono = samples.mean(axis=1)
            mono = mono if rate == SAMPLE_RATE else soxr.resample(mono, rate, SAMPLE_RATE)
            phones = aligner.align(mono.astype(np.float32), text)
            if phones is not None and plausible(phones):
                cut = cut_at_pauses(Utterance(mono.astype(np.float32), phones))
                pieces += [(f"{folder.name}/{path.stem}", piece) for piece in cut]
    if not pieces:
        raise EmoTalkError("No recording fits its transcript. Check the folders given with --speech.")
    return pieces


def plausible(phones: list[Phone]) -> bool:
    """Whether an alignment can be true: 5 to 22 phones a second of speech, and none held beyond 0.8 s."""
    spoken = [phone for phone in phones if phone.name != SILENCE]
    seconds = sum(phone.end - phone.start for phone in spoken)
    return bool(spoken) and 5 <= len(spoken) / seconds <= 22 and max(p.end - p.start for p in spoken) < 0.8


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
    return revoice(utterance, type(prosody)(**{**asdict(prosody), **changed}), formants, rng)


def _synthesise(rng: np.random.Generator) -> tuple[str, str, str, float, Utterance]:
    """Source, voice, emotion, strength and speech: two or three made-up sentences with pauses."""
    revoiced = rng.random() < REVOICED_SHARE
    emotion, strength = _voice_mood(rng) if revoiced else ("neutral", 0.0)
    use_flite = rng.random() < 0.4
    if use_flite:
        voice = str(rng.choice(FLITE_VOICES))
        stretch = float(rng.uniform(0.85, 1.2))
    else:
        voice = f"{rng.choice(ESPEAK_ACCENTS)}+{rng.choice(ESPEAK_VARIANTS)}"
        rate, pitch, pitch_range = int(rng.integers(120, 200)), int(rng.integers(25, 75)), int(rng.integers(30, 80))
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
