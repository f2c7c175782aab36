# SPDX-License-Identifier: GPL-3.0-or-later
"""What a corpus is made of: how much of each source, in whose voice, and what is kept apart to validate on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from ...curves import FPS, SAMPLE_RATE
from ..captures.captures import Capture
from ..rules.phones import Phone, stretch, tidy
from ..speech.pieces import Piece

MEAN_CLIP_SECONDS = 8.0
SHARES = {"recording": 0.5, "kokoro": 0.25, "emodb": 0.12}
"""Part of the hours that each source and its copies in other voices make up, where it is given."""
SYNTHESISED_SHARE = 0.06
"""Part of the hours that flite and espeak-ng speak at least: all that the other sources leave, or else that much."""
CAPTURE_COPIES = 2
"""Copies of each capture in other voices."""
MOST_COPIES = 4
"""Copies of any speech at most: the same words again teach little."""
VALIDATION_EVERY = 30
"""One voice in so many validates, or one clip of a source with fewer voices."""
CAPTURE_VALIDATION_EVERY = 10
CAPTURE_SECONDS = 7.0
"""Length of the pieces of captures; a cut moves up to CUT_REACH to a quiet place."""
CUT_REACH = 1.4
JOINED_SECONDS = 9.0
"""Short takes of a speaker are joined up to that length."""


@dataclass(frozen=True)
class Stored:
    """A piece of speech and the folder that it is kept in."""

    folder: Path
    piece: Piece


@dataclass(frozen=True)
class Ingredients:
    """What a corpus is made from beside synthesisers: captured performances, and pieces of speech.

    held_out: speakers and takes that only validate; the others of their source then train.
    """

    captures: list[Capture] = field(default_factory=list)
    speech: list[Stored] = field(default_factory=list)
    held_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Task:
    """One clip to be made: its number in the corpus, and what it is made from (nothing: made-up sentences).

    plain: in the voice that it has; otherwise in another one.
    """

    number: int
    split: str = "train"
    pieces: tuple[Stored, ...] = ()
    capture: Capture | None = None
    plain: bool = True


def plan(hours: float, ingredients: Ingredients) -> list[Task]:
    """Every clip of a corpus, in order: captures and all speech as they are, made-up sentences, then copies of both in
    other voices, round by round: a corpus that was stopped early has something of everything.
    """
    captured = _captured(ingredients)
    first = list(captured)
    rounds = [_copies(captured) for _ in range(CAPTURE_COPIES)]
    rounds += [[] for _ in range(CAPTURE_COPIES, MOST_COPIES)]
    seconds = 0.0
    for source, share in SHARES.items():
        clips = gathered([stored for stored in ingredients.speech if stored.piece.source == source])
        length = sum(stored.piece.seconds for clip in clips for stored in clip)
        times = min(max(1, round(hours * 3600 * share / length)), 1 + MOST_COPIES) if length else 0
        seconds += times * length
        own = [Task(0, split, clip) for clip, split in zip(clips, _splits(clips, ingredients.held_out), strict=True)]
        first += own
        for more in rounds[: max(0, times - 1)]:
            more += _copies(own)
    wanted = max(hours * 3600 - seconds, hours * 3600 * SYNTHESISED_SHARE)
    made_up = [
        Task(0, "validation" if index % VALIDATION_EVERY == VALIDATION_EVERY - 1 else "train")
        for index in range(math.ceil(wanted / MEAN_CLIP_SECONDS))
    ]
    tasks = [*first, *made_up, *(task for more in rounds for task in more)]
    return [replace(task, number=number) for number, task in enumerate(tasks)]


def _copies(tasks: list[Task]) -> list[Task]:
    """The tasks in other voices, of those that are trained on: validation hears people as they are."""
    return [replace(task, plain=False) for task in tasks if task.split == "train"]


def _captured(ingredients: Ingredients) -> list[Task]:
    """The captures in pieces; those that only validate come last."""
    held_out = ingredients.held_out
    judging = [take for take in ingredients.captures if {take.speaker, take.name} & held_out]
    learning = [take for take in ingredients.captures if not {take.speaker, take.name} & held_out]
    tasks = [Task(0, capture=piece) for take in joined(learning) for piece in capture_pieces(take)]
    for index in range(CAPTURE_VALIDATION_EVERY - 1, 0 if judging else len(tasks), CAPTURE_VALIDATION_EVERY):
        tasks[index] = replace(tasks[index], split="validation")
    return tasks + [Task(0, "validation", capture=piece) for take in joined(judging) for piece in capture_pieces(take)]


def joined(takes: Sequence[Capture]) -> list[Capture]:
    """The takes, where short ones of one speaker that follow each other become one: they begin and end in silence."""
    result: list[Capture] = []
    for take in takes:
        last = result[-1] if result else None
        if last and last.speaker == take.speaker and len(last.curves) + len(take.curves) <= JOINED_SECONDS * FPS:
            result[-1] = _together(last, take)
        else:
            result.append(take)
    return result


def _together(first: Capture, second: Capture) -> Capture:
    """One take after another; what only one of them captured is not captured."""
    seconds = len(first.samples) / SAMPLE_RATE
    later = [Phone(phone.name, phone.start + seconds, phone.end + seconds) for phone in second.phones]
    samples = np.concatenate([first.samples, second.samples])
    return Capture(
        f"{first.name}+{second.name}",
        samples,
        np.concatenate([first.curves, second.curves]),
        first.captured & second.captured,
        first.speaker,
        tidy([*first.phones, *later], len(samples) / SAMPLE_RATE) if first.phones and later else [],
        np.minimum(first.trust, second.trust),
    )


def gathered(pieces: Sequence[Stored]) -> list[tuple[Stored, ...]]:
    """Pieces put together to clips of one voice and mood, each about MEAN_CLIP_SECONDS long where there is enough."""
    ordered = sorted(pieces, key=lambda stored: (stored.piece.voice, stored.piece.emotion, stored.piece.name))
    clips: list[tuple[Stored, ...]] = []
    for _, group in groupby(ordered, key=lambda stored: (stored.piece.voice, stored.piece.emotion)):
        clip: list[Stored] = []
        for stored in group:
            length = sum(one.piece.seconds for one in clip)
            if clip and length + 0.5 * stored.piece.seconds > MEAN_CLIP_SECONDS:
                clips.append(tuple(clip))
                clip = []
            clip.append(stored)
        clips.append(tuple(clip))
    return clips


def _splits(clips: list[tuple[Stored, ...]], held_out: frozenset[str]) -> list[str]:
    """Where each clip goes: those of held-out voices validate, or else every so many voice or clip."""
    voices = sorted({clip[0].piece.voice for clip in clips})
    named = held_out.intersection(voices)
    if named:
        validating = [clip[0].piece.voice in named for clip in clips]
    elif len(voices) >= VALIDATION_EVERY:
        chosen = set(voices[::VALIDATION_EVERY])
        validating = [clip[0].piece.voice in chosen for clip in clips]
    else:
        validating = [index % VALIDATION_EVERY == 0 for index in range(len(clips))]
    return ["validation" if validates else "train" for validates in validating]


def capture_pieces(take: Capture) -> list[Capture]:
    """A take in pieces of 4 to 10 s, cut where it is quiet; one of up to 10 s as it is."""
    frames = len(take.curves)
    count = max(1, round(frames / FPS / CAPTURE_SECONDS))
    energy = np.add.reduceat(np.square(take.samples), np.arange(frames) * SAMPLE_RATE // FPS)
    reach = round(CUT_REACH * FPS)
    edges = [0]
    for middle in np.round(np.arange(1, count) * frames / count).astype(int):
        edges.append(int(middle - reach + np.argmin(energy[middle - reach : middle + reach + 1])))
    return [_part(take, first, last) for first, last in pairwise([*edges, frames])]


def _part(take: Capture, first: int, last: int) -> Capture:
    """The frames of a take from `first` to before `last`, with their sound."""
    start = round(first * SAMPLE_RATE / FPS)
    samples = take.samples[start : start + (last - first) * SAMPLE_RATE // FPS]
    phones = stretch(take.phones, start / SAMPLE_RATE, (start + len(samples)) / SAMPLE_RATE)
    return Capture(take.name, samples, take.curves[first:last], take.captured, take.speaker, phones, take.trust)
