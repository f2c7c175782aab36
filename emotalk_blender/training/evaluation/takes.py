# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech to judge a network on: aligned recordings, captures, and the validation clips of a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...curves import ARKIT_NAMES, FPS, FloatArray
from ...errors import EmoTalkError
from ...inference.audio import read_sound, to_network_samples
from ..captures.captures import CURVE_FILES, SOUNDS, read_captures
from ..corpus.corpus import Clip, read_labels, read_manifest, sound_path
from ..rules.articulation import articulate
from ..rules.expression import perform
from ..rules.loudness import loudness
from ..rules.phones import SILENCE, Phone
from ..speech.textgrids import read_textgrid

Kind = Literal["aligned", "captured", "corpus"]
BoolArray = npt.NDArray[np.bool_]

MOST_CLIPS = 200
"""Validation clips of a corpus that are judged, spread over it."""
LOUD_PARTS = 10 ** (-30 / 20)
"""Where no phones are known, speech is what is louder than that part of the clip's loud parts."""

MOUTH = np.array([name.startswith(("jaw", "mouth", "tongue")) for name in ARKIT_NAMES])
"""Which of the 52 belong to the mouth, bool [52]."""


def _all_known() -> BoolArray:
    return np.ones(len(ARKIT_NAMES), np.bool_)


@dataclass(frozen=True)
class Take:
    """Speech to be judged on.

    samples: float32 [N], 16 kHz; phones: None where nobody knows them; curves: the true ones, [frames, 52] at 30 fps,
    of the actor or the rules; known: bool [52], channels whose truth is known; emotion: of the voice, if known.
    """

    name: str
    samples: FloatArray
    phones: list[Phone] | None
    curves: FloatArray
    kind: Kind = "aligned"
    known: BoolArray = field(default_factory=_all_known)
    emotion: str | None = None


def read_takes(path: Path) -> list[Take]:
    """The takes of a folder by name, or of one file.

    A folder with TextGrids beside mere sound is aligned speech, any other captures (see captures.read_captures), whose
    TextGrids tell their phones. Raises EmoTalkError where there are none, or one is broken.
    """
    if path.is_dir():
        grids = [grid for grid in sorted(path.glob("*.TextGrid")) if not _is_captured(grid)]
        if grids:
            return [aligned_take(_sound_of(grid), grid) for grid in grids]
    elif path.with_suffix(".TextGrid").is_file() and not _is_captured(path):
        grid = path.with_suffix(".TextGrid")
        return [aligned_take(_sound_of(grid), grid)]
    return [
        Take(capture.name, capture.samples, capture.phones or None, capture.curves, "captured", capture.captured)
        for capture in read_captures(path)
    ]


def _is_captured(path: Path) -> bool:
    """Whether curves lie beside a file, under the same name."""
    return any(path.with_suffix(ending).is_file() for ending in CURVE_FILES)


def aligned_take(sound: Path, grid: Path) -> Take:
    """A recording with a TextGrid, and the rules' mouth for it; nobody knows what its upper face did."""
    samples = read_mono(sound)
    phones = read_textgrid(grid)
    return Take(sound.stem, samples, phones, articulate(phones, loudness(samples, phones)).curves, "aligned", MOUTH)


def corpus_takes(folder: Path, most: int = MOST_CLIPS) -> list[Take]:
    """The validation clips of a corpus, at most so many of them: speech with the face of its voice by the rules, and
    captures. Raises EmoTalkError where there are none.
    """
    clips = [clip for clip in read_manifest(folder) if clip.split == "validation"]
    if not clips:
        raise EmoTalkError(f"{folder} has no validation clips. Make a larger corpus.")
    return [_corpus_take(folder, clip) for clip in clips[:: -(-len(clips) // most)]]


def _corpus_take(folder: Path, clip: Clip) -> Take:
    samples = read_mono(sound_path(folder, clip))
    labels = read_labels(folder, clip)
    if labels.told is not None:
        return Take(clip.id, samples, clip.phone_list() or None, labels.speech.curves, "captured", labels.told)
    face = perform(labels.speech, clip.emotion, clip.strength)
    return Take(clip.id, samples, clip.phone_list(), face, "corpus", emotion=clip.emotion)


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
