# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a corpus: captures, human voices and Kokoro, their copies in other voices and moods, and synthesised speech.

The same seed and the same recordings and captures give the same corpus, with however many processes; a run that was
stopped goes on where it was.
"""

from __future__ import annotations

import functools
import json
import multiprocessing
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from ...curves import SAMPLE_RATE
from ...errors import EmoTalkError
from ...inference.performance import EMOTIONS
from ...inference.progress import Report
from ..captures.captures import Capture, read_captures
from ..speech import emodb, kokoro_speech, recordings
from ..speech.pieces import PieceFolder, read_piece
from ..speech.sentences import sentence
from ..speech.synthesis import (
    ESPEAK_ACCENTS,
    ESPEAK_VARIANTS,
    FLITE_VOICES,
    Utterance,
    espeak,
    missing_synthesisers,
    speak_flite,
)
from ..speech.voices import Prosody, join, mood, revoice, revoice_in_time
from .corpus import CAPTURE, Clip, Labels, capture_labels, label, read_manifest, sound_path, write_labels
from .corpus_plan import Ingredients, Stored, Task, plan

FORMAT = "emotalk-corpus-2"
REVOICED_SHARE = 0.7
"""Part of the synthesised clips that go through the vocoder; the rest keep their synthesiser's own voice."""
STRENGTHS = (0.6, 1.0)
SOURCES = {
    "flite": "flite voices kal16, awb, rms and slt; flite and its voices are free software (BSD-like, Carnegie Mellon)",
    "espeak": "espeak-ng, GPL-3.0-or-later; speech that a program speaks is not covered by the program's licence",
    kokoro_speech.SOURCE: "Kokoro-82M v1.0 by hexgrad, Apache-2.0, its 28 English voices",
    recordings.SOURCE: "recordings given with --speech; their licences are those of their folders",
    emodb.SOURCE: "Berlin Database of Emotional Speech, Burkhardt et al. 2005, CC0 as audeering publishes it",
    CAPTURE: "performances given with --captures; their licences are those of their folders",
}


@dataclass(frozen=True)
class CorpusSettings:
    """What a corpus is to be made from.

    hours: length without captures; speech: folders of recordings (see recording_folders); whisper: folder of a Whisper
    network that hears those without transcripts; kokoro: folder of Kokoro; kokoro_minutes: how long it speaks;
    moods: folder of EmoDB; captures: takes (see captures.read_captures); held_out: speakers and takes that only
    validate; prepared: where spoken and aligned pieces are kept (None: in the corpus), which may serve other corpora.
    """

    hours: float = 5.0
    seed: int = 0
    speech: list[Path] = field(default_factory=list)
    whisper: Path | None = None
    kokoro: Path | None = None
    kokoro_minutes: float = 60.0
    moods: Path | None = None
    captures: list[Path] = field(default_factory=list)
    held_out: list[str] = field(default_factory=list)
    prepared: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """What is noted of it in the corpus: folders by their names."""
        kept = {"hours": self.hours, "seed": self.seed, "held_out": self.held_out}
        for name in ("speech", "captures"):
            kept[name] = [path.name for path in getattr(self, name)]
        for name in ("whisper", "kokoro", "moods"):
            path = getattr(self, name)
            kept[name] = path.name if path else None
        return kept | {"kokoro_minutes": self.kokoro_minutes if self.kokoro else 0}


def make_corpus(
    out: Path, settings: CorpusSettings, processes: int = 2, report: Report = lambda what, part: None
) -> list[Clip]:
    """Make (or go on making) a corpus; returns its manifest.

    Raises EmoTalkError where a program or package that it needs is missing, a folder does not hold what it should, no
    recording fits its transcript, or the folder holds another corpus.
    """
    missing = missing_synthesisers()
    if missing:
        raise EmoTalkError(f"Making speech needs {' and '.join(missing)}. Install the packages of these names.")
    for folder in (out / "sound", out / "labels"):
        folder.mkdir(parents=True, exist_ok=True)
    _keep_settings(out, {"format": FORMAT, **settings.to_dict()})
    tasks = plan(settings.hours, _ingredients(settings, settings.prepared or out / "prepared", processes, report))
    done = {clip.id: clip for clip in read_manifest(out)} if (out / "manifest.jsonl").is_file() else {}
    waiting = [task for task in tasks if clip_id(task.number) not in done]
    _label_captures_anew(out, tasks, done)
    with (out / "manifest.jsonl").open("a", encoding="utf-8") as manifest:
        for clip in _run(out, settings.seed, waiting, processes):
            done[clip.id] = clip
            manifest.write(json.dumps(asdict(clip)) + "\n")
            manifest.flush()
            report("Making clips", len(done) / len(tasks))
    clips = [done[key] for key in sorted(done)]
    text = "".join(json.dumps(asdict(clip)) + "\n" for clip in clips)
    (out / "manifest.jsonl").write_text(text, encoding="utf-8")
    return clips


def _ingredients(settings: CorpusSettings, prepared: Path, processes: int, report: Report) -> Ingredients:
    """Captures, and all speech as pieces, spoken and aligned where that has not been done yet."""
    captures = [take for path in settings.captures for take in read_captures(path)]
    folders = []
    speech = []
    if settings.kokoro:
        folder = PieceFolder(prepared / kokoro_speech.SOURCE)
        wanted = kokoro_speech.KokoroSpeech(settings.kokoro, settings.kokoro_minutes, settings.seed)
        spoken = kokoro_speech.speak_pieces(wanted, folder, processes, report)
        speech += [Stored(folder.folder, piece) for piece in spoken]
    aligning = recordings.Recordings(settings.whisper)
    for path in settings.speech:
        folders.append(PieceFolder(prepared / path.name))
        aligning.prepare(path, folders[-1], report)
        if not folders[-1].pieces:
            raise EmoTalkError(f"No recording in {path} fits its transcript. Check the folders given with --speech.")
    if settings.moods:
        folders.append(PieceFolder(prepared / emodb.SOURCE))
        emodb.prepare_emodb(settings.moods, folders[-1])
    speech += [Stored(folder.folder, piece) for folder in folders for piece in folder.pieces]
    known = {stored.piece.voice for stored in speech} | {take.speaker for take in captures}
    unknown = set(settings.held_out) - known - {take.name for take in captures}
    if unknown:
        raise EmoTalkError(f"No speaker or take is called {', '.join(sorted(unknown))}. Check --held-out.")
    return Ingredients(captures, speech, frozenset(settings.held_out))


def clip_id(number: int) -> str:
    """The id of a clip, which its files are named after."""
    return f"{number:06d}"


@dataclass(frozen=True)
class _Voiced:
    """Speech, and the fields of Clip that tell of it."""

    utterance: Utterance
    source: str
    voice: str
    emotion: str = "neutral"
    strength: float = 0.0


def make_clip(out: Path, seed: int, task: Task) -> Clip:
    """Make one clip and write its sound and labels into the corpus."""
    rng = np.random.default_rng([seed, task.number])
    take = task.capture
    if take is not None:
        voiced = _captured(take, task.plain, rng)
    elif task.pieces:
        voiced = _spoken(task.pieces, task.plain, rng)
    else:
        voiced = _synthesised(rng)
    utterance = voiced.utterance
    peak = float(np.abs(utterance.samples).max())
    samples = utterance.samples * (rng.uniform(0.3, 0.95) / max(peak, 1e-4))
    phones = [(phone.name, round(phone.start, 4), round(phone.end, 4)) for phone in utterance.phones]
    clip = Clip(
        clip_id(task.number),
        round(utterance.seconds, 4),
        voiced.source,
        voiced.voice,
        voiced.emotion,
        voiced.strength,
        task.split,
        phones,
        take.name if take else "",
    )
    soundfile.write(sound_path(out, clip), samples, SAMPLE_RATE, subtype="PCM_16")
    if take is not None:
        write_labels(out, clip, _captured_labels(take))
    else:
        write_labels(out, clip, label(samples, clip.phone_list()))
    return clip


def _label_captures_anew(out: Path, tasks: list[Task], done: dict[str, Clip]) -> None:
    """Write the labels of captures that are in the corpus already as their takes are now; faces may be fitted anew."""
    for task in tasks:
        clip, take = done.get(clip_id(task.number)), task.capture
        if clip is not None and take is not None and clip.take == take.name:
            write_labels(out, clip, _captured_labels(take))


def _captured_labels(take: Capture) -> Labels:
    """The labels of a capture, each channel as far as it is trusted."""
    return capture_labels(take.curves, take.captured * take.trust, take.phones)


def _keep_settings(out: Path, settings: dict[str, Any]) -> None:
    """Note the settings in the corpus, or check that they are those it was begun with."""
    path = out / "corpus.json"
    if path.is_file():
        old = json.loads(path.read_text(encoding="utf-8"))
        if {key: old.get(key) for key in settings} != settings:
            raise EmoTalkError(f"{out} holds a corpus with other settings. Choose another folder for the new one.")
        return
    path.write_text(json.dumps({**settings, "sources": SOURCES}, indent=2) + "\n", encoding="utf-8")


def _run(out: Path, seed: int, tasks: list[Task], processes: int) -> Iterator[Clip]:
    """Make the clips, in order. Each in a process of its own: espeak-ng then never remembers the clip before."""
    if not tasks:
        return
    context = multiprocessing.get_context("fork")
    with context.Pool(processes, maxtasksperchild=1) as pool:
        yield from pool.imap(functools.partial(make_clip, out, seed), tasks, chunksize=1)


def _voice_mood(rng: np.random.Generator) -> tuple[str, float]:
    """A mood for a voice: neutral as often as two of the others together."""
    weights = np.array([2.0 if name == "neutral" else 1.0 for name in EMOTIONS])
    emotion = str(rng.choice(EMOTIONS, p=weights / weights.sum()))
    return emotion, 0.0 if emotion == "neutral" else float(rng.choice(STRENGTHS))


def _captured(take: Capture, plain: bool, rng: np.random.Generator) -> _Voiced:
    """A capture in the actor's own voice (plain), or in another one that says the same at the same time."""
    samples = take.samples
    if not plain:
        pitch = float(np.exp(rng.uniform(-0.5, 0.55)))
        prosody = Prosody(pitch=pitch, pitch_range=float(rng.uniform(0.7, 1.4)))
        samples = revoice_in_time(samples, prosody, _formants(pitch, rng), rng)
    return _Voiced(Utterance(samples, take.phones), CAPTURE, take.speaker)


def _spoken(pieces: tuple[Stored, ...], plain: bool, rng: np.random.Generator) -> _Voiced:
    """Pieces of one voice with pauses between, as they are (plain), or in another voice and mood.

    Acted moods keep theirs, so their voices are moved less.
    """
    first = pieces[0].piece
    utterances = [read_piece(stored.folder, stored.piece) for stored in pieces]
    emotion, strength = first.emotion, first.strength
    if not plain:
        acted = first.source == emodb.SOURCE
        emotion, strength = (emotion, strength) if acted else _voice_mood(rng)
        sound = ("neutral", 0.0) if acted else (emotion, strength)
        reach = 0.25 if acted else 0.5
        pitch = float(np.exp(rng.uniform(-reach, reach)))
        utterances = [_new_voice(utterance, *sound, rng, pitch) for utterance in utterances]
    pauses = [0.0, *(float(rng.uniform(0.05, 0.6)) for _ in utterances[1:]), 0.0]
    return _Voiced(join(utterances, pauses), first.source, first.voice, emotion, strength)


def _formants(pitch: float, rng: np.random.Generator) -> float:
    """A factor of the formants that goes with a factor of the pitch."""
    return float(np.clip(pitch ** rng.uniform(0.2, 0.5), 0.84, 1.2))


def _new_voice(
    utterance: Utterance, emotion: str, strength: float, rng: np.random.Generator, pitch: float
) -> Utterance:
    """The utterance in a mood, in a voice whose pitch is changed by a factor (and whose formants go with it)."""
    prosody = mood(emotion, strength)
    changed = {"pitch": prosody.pitch * pitch, "speed": prosody.speed * float(rng.uniform(0.88, 1.15))}
    return revoice(utterance, replace(prosody, **changed), _formants(pitch, rng), rng)


def _synthesised(rng: np.random.Generator) -> _Voiced:
    """Two or three made-up sentences with pauses, of flite or espeak-ng."""
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
    return _Voiced(join(utterances, pauses), "flite" if use_flite else "espeak", voice, emotion, strength)
