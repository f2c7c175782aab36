# SPDX-License-Identifier: GPL-3.0-or-later
"""Made-up sentences in all of Kokoro's English voices, kept as pieces: a second of them takes one to two of a core."""

from __future__ import annotations

import functools
import math
import multiprocessing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...inference.progress import Report
from .kokoro import Kokoro
from .pieces import Piece, PieceFolder, Spoken
from .sentences import sentence
from .synthesis import Utterance

SOURCE = "kokoro"
SENTENCE_SECONDS = 3.2
"""What a sentence takes, about."""
SPEEDS = (0.8, 1.25)


@dataclass(frozen=True)
class KokoroSpeech:
    """How much made-up speech, by which Kokoro (its folder); the seed decides on the sentences."""

    model: Path
    minutes: float
    seed: int


def speak_pieces(wanted: KokoroSpeech, pieces: PieceFolder, processes: int, report: Report) -> list[Piece]:
    """Speak (or go on speaking) sentences until there are so many minutes; sentence N is the same in every run.

    Returns the pieces of these sentences, which may not be all in the folder. Raises EmoTalkError where Kokoro can't
    be loaded.
    """
    number, seconds = 0, 0.0
    spoken: list[Piece] = []
    while seconds < wanted.minutes * 60:
        count = math.ceil((wanted.minutes * 60 - seconds) / SENTENCE_SECONDS)
        names = [_name(number + index) for index in range(count)]
        waiting = [index for index, name in enumerate(names) if name not in pieces]
        if waiting:
            context = multiprocessing.get_context("fork")
            with context.Pool(processes) as pool:
                speak = functools.partial(_speak, wanted.model, wanted.seed)
                for index, (utterance, voice) in zip(
                    waiting, pool.imap(speak, [number + index for index in waiting]), strict=True
                ):
                    pieces.add(names[index], [utterance], Spoken(SOURCE, voice))
                    report("Speaking with Kokoro", (index + 1) / count)
        number += count
        names = [_name(index) for index in range(number)]
        spoken = [piece for piece in pieces.pieces if piece.name in names]
        seconds = sum(piece.seconds for piece in spoken)
    return spoken


def _name(number: int) -> str:
    """The name of a sentence."""
    return f"{number:06d}"


def _speak(model: Path, seed: int, number: int) -> tuple[Utterance, str]:
    """A sentence and the voice that speaks it: the voices take turns."""
    kokoro = _kokoro(model)
    rng = np.random.default_rng([seed, number])
    voice = kokoro.voices[number % len(kokoro.voices)]
    text = sentence(rng) + str(rng.choice([".", ".", "?", "!"]))
    return kokoro.speak(text, voice, float(rng.uniform(*SPEEDS))), voice


@functools.cache
def _kokoro(model: Path) -> Kokoro:
    """The one Kokoro of this process."""
    return Kokoro(model)
