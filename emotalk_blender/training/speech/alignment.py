# SPDX-License-Identifier: GPL-3.0-or-later
"""Phone times of real recordings: forced alignment with pocketsphinx."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...curves import SAMPLE_RATE, DoubleArray
from ...errors import EmoTalkError
from ..rules.phones import Phone, from_arpabet, tidy
from .synthesis import espeak

FRAME_SECONDS = 0.01
"""pocketsphinx counts time in frames of 10 ms."""


@dataclass(frozen=True)
class Alignment:
    """Phones without gaps over all of a recording, and how well they fit.

    fit: log likelihood a frame over the worst second, relative to the best of all sounds (0: none would have fitted
    better anywhere), in pocketsphinx's units. The mean of a recording would hide a wrong word.
    """

    phones: list[Phone]
    fit: float


class Aligner:
    """pocketsphinx with its own English model and dictionary; espeak-ng says how words sound that it lacks."""

    def __init__(self) -> None:
        try:
            sphinx: Any = importlib.import_module("pocketsphinx")
        except ImportError as error:
            raise EmoTalkError("Aligning recordings needs pocketsphinx. Install the training extra.") from error
        # The best path through a word lattice gives phones too few frames, on which the second pass then fails.
        self._decoder: Any = sphinx.Decoder(
            lm=None, samprate=SAMPLE_RATE, bestpath=False, cmn="batch", loglevel="FATAL"
        )

    def knows(self, word: str) -> bool:
        """Whether the dictionary has the word, or has been told how it sounds."""
        if self._decoder.lookup_word(word) is None:
            phones = espeak().pronounce(word)
            if not phones:
                return False
            self._decoder.add_word(word, " ".join(phones), True)
        return True

    def align(self, samples: npt.NDArray[np.float32], words: list[str]) -> Alignment | None:
        """The phones of a recording (float32 [N], 16 kHz) of these words; None where the two do not go together."""
        if not words or not all(self.knows(word) for word in words):
            return None
        pcm = _pcm(samples)
        try:
            self._decoder.set_align_text(" ".join(words))
            self._listen(pcm)
            self._decoder.set_alignment()
            self._listen(pcm)
        except RuntimeError:
            return None
        alignment = self._decoder.get_alignment()
        entries = list(alignment.phones()) if alignment is not None else []
        if not entries:
            return None
        phones = [
            Phone(from_arpabet(entry.name), entry.start * FRAME_SECONDS, (entry.start + entry.duration) * FRAME_SECONDS)
            for entry in entries
        ]
        scores = np.concatenate([np.full(entry.duration, entry.score / entry.duration) for entry in entries])
        return Alignment(tidy(phones, len(samples) / SAMPLE_RATE), _worst_second(scores))

    def find(self, samples: npt.NDArray[np.float32], words: list[str]) -> tuple[int, int] | None:
        """Which of these words (known ones) a recording says, if it says some in a row: words[first:last]."""
        count = len(words)
        begin, end = count + 1, count + 2
        arcs: list[tuple[Any, ...]] = [(index, index + 1, 1.0, word) for index, word in enumerate(words)]
        arcs += [(begin, index, 1 / count) for index in range(count)]
        arcs += [(index, end, 1 / count) for index in range(1, count + 1)]
        try:
            self._decoder.add_fsg("window", self._decoder.create_fsg("window", begin, end, arcs))
            self._decoder.activate_search("window")
            self._listen(_pcm(samples))
        except RuntimeError:
            return None
        found = self._decoder.hyp()
        said = found.hypstr.split() if found else []
        starts = [index for index in range(count) if words[index : index + len(said)] == said]
        return (starts[0], starts[0] + len(said)) if said and starts else None

    def _listen(self, pcm: bytes) -> None:
        """One pass over 16-bit samples."""
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()


def _worst_second(scores: DoubleArray) -> float:
    """The lowest mean of any second of scores [frames]."""
    length = min(len(scores), round(1 / FRAME_SECONDS))
    sums = np.concatenate([[0.0], np.cumsum(scores)])
    return float((sums[length:] - sums[:-length]).min() / length)


def _pcm(samples: npt.NDArray[np.float32]) -> bytes:
    """Samples as 16 bit."""
    return (np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()
