# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech to judge a network on: aligned recordings, captures, acted moods, and the validation clips of a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from ...curves import ARKIT_NAMES, FPS, BoolArray, FloatArray
from ...errors import EmoTalkError
from ...inference.audio import read_sound, to_network_samples
from ..captures.captures import CURVE_FILES, SOUNDS, Capture, read_captures
from ..corpus.corpus import Clip, read_labels, read_manifest, sound_path
from ..rules.articulation import articulate
from ..rules.expression import perform
from ..rules.loudness import loudness
from ..rules.phones import SILENCE, Phone
from ..speech.emodb import emodb_files, read_emodb
from ..speech.textgrids import read_textgrid

Kind = Literal["aligned", "captured", "acted", "corpus"]

MOST_CLIPS = 200
"""Validation clips of a corpus that are judged, spread over it."""
LOUD_PARTS = 10 ** (-30 / 20)
"""Where no phones are known, speech is what is louder than that part of the clip's loud parts."""

MOUTH = np.array([name.startswith(("jaw", "mouth", "tongue")) for name in ARKIT_NAMES])
"""Which of the 52 belong to the mouth, bool [52]."""


def _all_known() -> BoolArray:
    return np.ones(len(ARKIT_NAMES), np.bool_)


@dataclass(frozen=True)
class FilmMeasures:
    """What was measured in a film beside its curves, at 30 fps: chin: how low it hangs, narrowing: of the mouth's
    corners; both [frames], in any unit.
    """

    chin: FloatArray
    narrowing: FloatArray


@dataclass(frozen=True)
class EvaluationClip:
    """Speech to be judged on.

    samples: float32 [N], 16 kHz; phones: None where nobody knows them; curves: the true ones, [frames, 52] at 30 fps,
    of the actor or the rules; known: bool [52], channels whose truth is known; emotion: of the voice, if known;
    speaker: of a capture; film: of a filmed capture whose measures were kept.
    """

    name: str
    samples: FloatArray
    phones: list[Phone] | None
    curves: FloatArray
    kind: Kind = "aligned"
    known: BoolArray = field(default_factory=_all_known)
    emotion: str | None = None
    speaker: str = ""
    film: FilmMeasures | None = None


def read_clips(path: Path) -> list[EvaluationClip]:
    """The clips of a folder by name, or the one of a file.

    Sound with curves is a capture (see captures.read_captures); sound with a TextGrid alone is aligned speech. Raises
    EmoTalkError where there is neither, or one is broken.
    """
    grids = sorted(path.glob("*.TextGrid")) if path.is_dir() else [path.with_suffix(".TextGrid")]
    aligned = [grid for grid in grids if grid.is_file() and not _has_curves(grid)]
    if aligned:
        return [aligned_clip(_sound_of(grid), grid) for grid in aligned]
    folder = path if path.is_dir() else path.parent
    measures = {file.stem: _measures(file) for file in sorted(folder.rglob("*.npz"))}
    return [_captured_clip(capture, measures.get(Path(capture.name).name)) for capture in read_captures(path)]


def _has_curves(grid: Path) -> bool:
    """Whether curves lie beside a TextGrid: it tells what a captured actor says."""
    return any(grid.with_suffix(ending).is_file() for ending in CURVE_FILES)


def _captured_clip(capture: Capture, film: FilmMeasures | None) -> EvaluationClip:
    """A captured take, with what was measured in its film where that was kept."""
    phones = list(capture.phones) or None
    captured = np.asarray(capture.captured, np.bool_)
    return EvaluationClip(
        capture.name,
        capture.samples,
        phones,
        capture.curves,
        "captured",
        captured,
        speaker=capture.speaker,
        film=film,
    )


def _measures(file: Path) -> FilmMeasures | None:
    """The arrays `chin` and `narrowing` of a take, None where it has none."""
    with np.load(file, allow_pickle=False) as arrays:
        if "chin" not in arrays or "narrowing" not in arrays:
            return None
        return FilmMeasures(np.asarray(arrays["chin"], np.float32), np.asarray(arrays["narrowing"], np.float32))


def acted_clips(folder: Path, speakers: Sequence[str] = ()) -> list[EvaluationClip]:
    """The sentences of EmoDB whose mood is one of ours and whose phones are noted, of some of its speakers ("03").

    Raises EmoTalkError where there are none.
    """
    clips = []
    for file in emodb_files(folder):
        if speakers and not file.name.startswith(tuple(speakers)):
            continue
        found = read_emodb(file)
        if found:
            samples, phones = found[0].samples, found[0].phones
            curves = articulate(phones, loudness(samples, phones)).curves
            clips.append(EvaluationClip(file.stem, samples, phones, curves, "acted", MOUTH, found[1].emotion))
    if not clips:
        raise EmoTalkError(
            f"{folder} holds no sentence of EmoDB by {', '.join(speakers) or 'anybody'} with its phones."
        )
    return clips


def aligned_clip(sound: Path, grid: Path) -> EvaluationClip:
    """A recording with a TextGrid, and the rules' mouth for it; nobody knows what its upper face did."""
    samples = read_mono(sound)
    phones = read_textgrid(grid)
    return EvaluationClip(
        sound.stem, samples, phones, articulate(phones, loudness(samples, phones)).curves, "aligned", MOUTH
    )


def corpus_clips(folder: Path, most: int = MOST_CLIPS) -> list[EvaluationClip]:
    """The validation clips of a corpus, at most so many of them: speech with the face of its voice by the rules, and
    captures. Raises EmoTalkError where there are none.
    """
    clips = [clip for clip in read_manifest(folder) if clip.split == "validation"]
    if not clips:
        raise EmoTalkError(f"{folder} has no validation clips. Make a larger corpus.")
    return [_corpus_clip(folder, clip) for clip in clips[:: -(-len(clips) // most)]]


def _corpus_clip(folder: Path, clip: Clip) -> EvaluationClip:
    samples = read_mono(sound_path(folder, clip))
    labels = read_labels(folder, clip)
    if labels.told is not None:
        return EvaluationClip(clip.id, samples, None, labels.speech.curves, "captured", labels.told)
    face = perform(labels.speech, clip.emotion, clip.strength)
    return EvaluationClip(clip.id, samples, clip.phone_list(), face, "corpus", emotion=clip.emotion)


def read_mono(path: Path) -> FloatArray:
    """A sound file as the network hears it: float32 [N], 16 kHz."""
    return to_network_samples(read_sound(path))


def speech_mask(samples: FloatArray, phones: Sequence[Phone] | None, frames: int) -> BoolArray:
    """Which frames have speech, [frames]: by the phones, or where the sound is above -30 dB of its loud parts."""
    if phones is None:
        level = loudness(samples)[::4]
        heard = np.pad(level, (0, max(0, frames - len(level))))[:frames] > LOUD_PARTS
        return np.asarray(np.convolve(heard, np.ones(7), mode="same") > 0)
    times = np.arange(frames) / FPS
    mask = np.zeros(frames, bool)
    for phone in phones:
        if phone.name != SILENCE:
            mask |= (times >= phone.start) & (times < phone.end)
    return mask


def _sound_of(grid: Path) -> Path:
    """The sound that a TextGrid belongs to. Raises EmoTalkError where there is none."""
    for ending in SOUNDS:
        if grid.with_suffix(ending).is_file():
            return grid.with_suffix(ending)
    raise EmoTalkError(f"{grid} has no sound of the same name beside it. Put it there, or take the TextGrid away.")
