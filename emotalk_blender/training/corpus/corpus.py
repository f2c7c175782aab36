# SPDX-License-Identifier: GPL-3.0-or-later
"""The labelled corpus: speech whose phone times are known, with the blendshape curves that the rules give it, and
captured performances with the curves of their actors.

A corpus is a folder:

    corpus.json         format, seed, hours, sources and their licences
    manifest.jsonl      one clip a line: id, seconds, source, voice (who speaks), emotion and strength of the voice,
                        split, phones as [name, start, end] in seconds, take
    sound/ID.flac       mono, 16 kHz, 16 bit
    labels/ID.safetensors   at 30 fps, frame t at t / 30 s of the sound. Of speech: curves [frames, 52], contact and
                        what prosody.Prosody has, [frames] (float16, plain speech by the rules; see articulation.Speech)
                        and phones [frames] (uint8, index into phones.PHONES). Of captures: curves [frames, 52]
                        (float16, the actor's), captured [52] (float16, how far each channel can be trusted, 0 for those
                        that were not captured), and phones where they are known.

Sources of clips are the keys of corpus_making.SOURCES. The emotion of a capture is unknown and stands there as neutral;
its take is the name of the take that it is of, in the actor's own voice or another. The face of any other clip in any
emotion, strength and person is expression.perform of its labels. How a corpus is made: corpus_making.
"""

from __future__ import annotations

import functools
import json
import multiprocessing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
from safetensors.numpy import load_file, save_file

from ...curves import FPS, BoolArray, FloatArray
from ...errors import EmoTalkError
from ...inference.progress import Report
from ..rules.articulation import Speech, articulate
from ..rules.loudness import loudness
from ..rules.phones import Phone, frame_labels
from ..rules.prosody import Prosody, no_prosody

CAPTURE = "capture"
"""Clip.source of captured performances."""
UNKNOWN = -1
"""Stands for phones, and for the emotion of a voice, that nobody noted; the losses leave it out."""


@dataclass(frozen=True)
class Clip:
    """One line of the manifest.

    voice: who speaks, the same for all that one person says; take: of a captured performance, its name.
    """

    id: str
    seconds: float
    source: str
    voice: str
    emotion: str
    strength: float
    split: str
    phones: list[tuple[str, float, float]]
    take: str = ""

    def phone_list(self) -> list[Phone]:
        """The phones as Phone."""
        return [Phone(name, start, end) for name, start, end in self.phones]


@dataclass(frozen=True)
class Labels:
    """The labels of a clip at 30 fps: the rules' plain speech, and the phone of each frame (index into PHONES).

    captured: None, or of a captured performance how far each of the 52 channels can be trusted, 0 (not captured) to 1;
    its curves are the actor's, and its phones UNKNOWN where nobody noted them.
    """

    speech: Speech
    phones: npt.NDArray[np.int64]
    captured: FloatArray | None = None

    @property
    def told(self) -> BoolArray | None:
        """Which of the 52 channels of a captured performance are the actor's; None where nothing was captured."""
        return None if self.captured is None else self.captured > 0


def label(samples: FloatArray, phones: list[Phone]) -> Labels:
    """The labels of a clip (float32 [N], 16 kHz) by the rules."""
    speech = articulate(phones, loudness(samples, phones))
    return Labels(speech, frame_labels(phones, speech.frames, FPS))


def capture_labels(curves: FloatArray, captured: FloatArray, phones: list[Phone]) -> Labels:
    """The labels of a captured performance: curves [frames, 52], captured [52], phones none where nobody noted them."""
    known = frame_labels(phones, len(curves), FPS) if phones else np.full(len(curves), UNKNOWN, np.int64)
    return _captured_labels(curves, captured, known)


def _captured_labels(curves: FloatArray, captured: FloatArray, phones: npt.NDArray[np.int64]) -> Labels:
    """The labels of a captured performance, whose phones [frames] are known or UNKNOWN."""
    speech = Speech(curves, np.zeros(len(curves), np.float32), no_prosody(len(curves)))
    return Labels(speech, phones, captured)


def sound_path(folder: Path, clip: Clip) -> Path:
    """The sound of a clip of a corpus."""
    return folder / "sound" / f"{clip.id}.flac"


def write_labels(folder: Path, clip: Clip, labels: Labels) -> None:
    """Write a clip's labels into the corpus."""
    speech = labels.speech
    tensors: dict[str, npt.NDArray[Any]] = {"curves": speech.curves.astype(np.float16)}
    if labels.captured is None:
        tensors["contact"] = speech.contact.astype(np.float16)
        tensors |= {field.name: getattr(speech.prosody, field.name).astype(np.float16) for field in fields(Prosody)}
    else:
        tensors["captured"] = labels.captured.astype(np.float16)
    if (labels.phones != UNKNOWN).all():
        tensors["phones"] = labels.phones.astype(np.uint8)
    save_file(tensors, folder / "labels" / f"{clip.id}.safetensors")


def read_labels(folder: Path, clip: Clip) -> Labels:
    """The labels of a clip of a corpus. Raises EmoTalkError where they are of older rules."""
    tensors = load_file(folder / "labels" / f"{clip.id}.safetensors")
    if "captured" in tensors:
        curves = tensors["curves"].astype(np.float32)
        phones = tensors.get("phones", np.full(len(curves), UNKNOWN)).astype(np.int64)
        return _captured_labels(curves, tensors["captured"].astype(np.float32), phones)
    try:
        prosody = Prosody(*(tensors[field.name].astype(np.float32) for field in fields(Prosody)))
    except KeyError as error:
        raise EmoTalkError(f"The labels of {folder} are older than the rules. Write them anew with: relabel") from error
    speech = Speech(tensors["curves"].astype(np.float32), tensors["contact"].astype(np.float32), prosody)
    return Labels(speech, tensors["phones"].astype(np.int64))


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


def relabel(folder: Path, processes: int = 2, report: Report | None = None) -> int:
    """Write the labels of all speech of a corpus anew, after the rules have changed; returns of how many clips.

    Captures keep theirs. Raises EmoTalkError where the folder holds no corpus.
    """
    clips = [clip for clip in read_manifest(folder) if clip.source != CAPTURE]
    context = multiprocessing.get_context("fork")
    with context.Pool(processes) as pool:
        done = pool.imap_unordered(functools.partial(_relabel_clip, folder), clips, chunksize=8)
        for index, _ in enumerate(done):
            if report:
                report("Writing labels", (index + 1) / len(clips))
    return len(clips)


def _relabel_clip(folder: Path, clip: Clip) -> None:
    """Write the labels of a clip anew."""
    samples, _ = soundfile.read(sound_path(folder, clip), dtype="float32")
    write_labels(folder, clip, label(samples, clip.phone_list()))
