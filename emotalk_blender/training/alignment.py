# SPDX-License-Identifier: GPL-3.0-or-later
"""Phone times of real recordings: forced alignment with pocketsphinx, and Praat TextGrids made by others."""

from __future__ import annotations

import csv
import importlib
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import EmoTalkError
from .phones import SILENCE, Phone, from_arpabet, spread_ipa, tidy
from .synthesis import SAMPLE_RATE, Utterance

FRAME_SECONDS = 0.01
"""pocketsphinx counts time in frames of 10 ms."""

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


class Aligner:
    """pocketsphinx with its own English model and dictionary, ready for many clips."""

    def __init__(self) -> None:
        try:
            sphinx: Any = importlib.import_module("pocketsphinx")
        except ImportError as error:
            raise EmoTalkError("Aligning recordings needs pocketsphinx. Install the training extra.") from error
        self._decoder: Any = sphinx.Decoder(lm=None, samprate=SAMPLE_RATE, loglevel="FATAL")

    def align(self, samples: npt.NDArray[np.float32], text: str) -> list[Phone] | None:
        """The phones of a recording (float32 [N], 16 kHz) of a text; None where the two do not fit together.

        Words that the dictionary lacks are left out: what they sound like is then poorly aligned, so clips with any
        are refused as well.
        """
        words = spoken_words(text)
        if not words or any(self._decoder.lookup_word(word) is None for word in words):
            return None
        pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()
        try:
            self._decoder.set_align_text(" ".join(words))
            self._listen(pcm)
            self._decoder.set_alignment()
            self._listen(pcm)
        except RuntimeError:
            return None
        alignment = self._decoder.get_alignment()
        if alignment is None:
            return None
        phones = [
            Phone(from_arpabet(entry.name), entry.start * FRAME_SECONDS, (entry.start + entry.duration) * FRAME_SECONDS)
            for entry in alignment.phones()
        ]
        return tidy(phones, len(samples) / SAMPLE_RATE) if phones else None

    def _listen(self, pcm: bytes) -> None:
        """One pass over 16-bit samples."""
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()


def spoken_words(text: str) -> list[str]:
    """The words of a text as a dictionary spells them: lower case, numbers below 2000 in words, no punctuation."""
    text = re.sub(r"\d+", lambda match: " " + number_words(int(match.group())) + " ", text.replace("’", "'").lower())
    return [word for word in (part.strip("'") for part in re.findall(r"[a-z']+", text)) if word]


def number_words(number: int) -> str:
    """A number as it is read: years between 1100 and 1999 as two pairs, the rest plainly."""
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10 - 2] + (" " + ONES[number % 10] if number % 10 else "")
    if number < 1000:
        return f"{ONES[number // 100]} hundred" + (f" {number_words(number % 100)}" if number % 100 else "")
    if 1100 <= number < 2000:
        low = number % 100
        tail = "hundred" if low == 0 else ("oh " if low < 10 else "") + number_words(low)
        return f"{number_words(number // 100)} {tail}"
    return f"{number_words(number // 1000)} thousand" + (f" {number_words(number % 1000)}" if number % 1000 else "")


def read_transcripts(folder: Path) -> list[tuple[Path, str]]:
    """The recordings of a folder with their texts, by name: from transcripts.csv (clip, text) or NAME.txt beside NAME.

    Raises EmoTalkError where the folder holds none.
    """
    texts = {path.stem: path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("*.txt"))}
    table = folder / "transcripts.csv"
    if table.is_file():
        with table.open(encoding="utf-8", newline="") as file:
            texts.update({row["clip"]: row["text"] for row in csv.DictReader(file)})
    sounds = [path for ending in ("*.flac", "*.wav", "*.ogg") for path in folder.glob(ending) if path.stem in texts]
    if not sounds:
        raise EmoTalkError(f"{folder} holds no recordings with transcripts (transcripts.csv or NAME.txt beside them).")
    return [(path, texts[path.stem]) for path in sorted(sounds)]


def read_textgrid(path: Path) -> list[Phone]:
    """The tier "phones" of a Praat TextGrid (IPA or ARPAbet) as ARPAbet phones without gaps. Raises EmoTalkError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise EmoTalkError(f"{path} cannot be read. Choose a TextGrid file.") from error
    # Long and short files hold the same numbers and strings in the same order.
    tokens = re.findall(r'"[^"]*"|[\d.]+', re.sub(r"\[\d*\]", "", text))
    phones: list[Phone] = []
    end = 0.0
    for index, token in enumerate(tokens):
        if token != '"IntervalTier"' or not tokens[index + 1].strip('"').endswith("phones"):
            continue
        count = int(tokens[index + 4])
        for first in range(index + 5, index + 5 + 3 * count, 3):
            start, end = float(tokens[first]), float(tokens[first + 1])
            phones += _named(tokens[first + 2].strip('"'), start, end)
    if not phones:
        raise EmoTalkError(f"{path} has no tier of phones.")
    return tidy(phones, end)


def _named(name: str, start: float, end: float) -> list[Phone]:
    """The phones of one label, in ARPAbet (upper case) or IPA."""
    if name and name.isascii() and name[0].isupper():
        return [Phone(from_arpabet(name), start, end)]
    return spread_ipa(name, start, end)


def cut_at_pauses(utterance: Utterance, longest: float = 10.0) -> list[Utterance]:
    """Pieces of at most about `longest` seconds, cut in the middle of silent phones."""
    edges = [0.0]
    for phone in utterance.phones:
        middle = (phone.start + phone.end) / 2
        if phone.name == SILENCE and phone.end - phone.start > 0.15 and middle - edges[-1] > longest * 0.5:
            edges.append(middle)
    if utterance.seconds - edges[-1] < 1.5 and len(edges) > 1:
        edges.pop()
    edges.append(utterance.seconds)
    pieces = []
    for start, end in pairwise(edges):
        phones = [
            Phone(p.name, max(p.start, start) - start, min(p.end, end) - start)
            for p in utterance.phones
            if p.end > start and p.start < end
        ]
        samples = utterance.samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
        pieces.append(Utterance(samples, tidy(phones, len(samples) / SAMPLE_RATE)))
    return pieces
