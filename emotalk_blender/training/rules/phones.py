# SPDX-License-Identifier: GPL-3.0-or-later
"""The phones of the training speech: ARPAbet, and how other alphabets map to it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SILENCE = "SIL"

PHONES: tuple[str, ...] = (
    SILENCE, "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY",
    "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH",
)  # fmt: skip
"""Silence and the 39 phones of American English in ARPAbet (as the CMU dictionary has them, without stress)."""

INDEX: dict[str, int] = {name: index for index, name in enumerate(PHONES)}

BILABIALS = frozenset({"P", "B", "M"})
LABIODENTALS = frozenset({"F", "V"})
STOPS = frozenset({"P", "B", "T", "D", "K", "G"})
OPEN_VOWELS = frozenset({"AA", "AE", "AH", "AO", "AW", "AY"})
VOWELS = OPEN_VOWELS | {"EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"}

# flite's names that are not ARPAbet in lower case.
FLITE = {"pau": SILENCE, "ax": "AH", "axr": "ER", "ssil": SILENCE, "h#": SILENCE, "brth": SILENCE}

# IPA as espeak-ng and the Montreal Forced Aligner write it; the longest spelling that fits is taken.
IPA = {
    "aɪ": "AY", "aʊ": "AW", "eɪ": "EY", "oʊ": "OW", "əʊ": "OW", "ɔɪ": "OY", "tʃ": "CH", "dʒ": "JH", "əl": "L",
    "tɕ": "CH", "dʑ": "JH", "aj": "AY", "aw": "AW", "ej": "EY", "ow": "OW", "əw": "OW", "ɔj": "OY",
    "ɑ": "AA", "ɒ": "AA", "a": "AA", "æ": "AE", "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ɔ": "AO", "ɜ": "ER",
    "ɚ": "ER", "ɝ": "ER",
    "ɛ": "EH", "e": "EY", "ɪ": "IH", "i": "IY", "ᵻ": "IH", "ɨ": "IH", "ʊ": "UH", "u": "UW", "ʉ": "UW", "o": "OW",
    "b": "B", "d": "D", "ð": "DH", "f": "F", "ɡ": "G", "g": "G", "ɟ": "G", "h": "HH", "ç": "HH", "x": "HH", "k": "K",
    "c": "K", "l": "L", "ɫ": "L", "ʎ": "L", "m": "M", "ɱ": "M", "n": "N", "ɲ": "N", "ŋ": "NG", "p": "P", "ɹ": "R",
    "r": "R", "ɾ": "D", "s": "S", "ʃ": "SH", "ɕ": "SH", "t": "T", "θ": "TH", "v": "V", "ʋ": "V", "w": "W", "ʍ": "W",
    "j": "Y", "z": "Z", "ʒ": "ZH", "ʑ": "ZH", "ʔ": "T",
}  # fmt: skip

# Marks that change no mouth shape: length, stress, palatalisation, aspiration, ties.
IGNORED = frozenset(":^;ːˑˈˌʲʷʰ̃̚ʴ˞‿͡-'\"̩̪")
SILENT_NAMES = frozenset({"", "_", "_:", "sil", "sp", "spn", "<sil>", "(", ")"})


@dataclass(frozen=True)
class Phone:
    """A phone in time: its ARPAbet name (or SILENCE), start and end in seconds."""

    name: str
    start: float
    end: float


def from_flite(name: str) -> str:
    """The ARPAbet name of one of flite's phones. Raises ValueError for an unknown one."""
    arpabet = FLITE.get(name, name.upper())
    if arpabet not in INDEX:
        raise ValueError(f"flite has an unknown phone: {name!r}")
    return arpabet


def from_arpabet(name: str) -> str:
    """The name without its stress digit; anything else that is no phone (noise, breath) is silence."""
    bare = name.rstrip("012").upper()
    return bare if bare in INDEX else SILENCE


def from_ipa(text: str) -> tuple[str, ...]:
    """The ARPAbet phones that an IPA spelling stands for: one, several ("ɔːɹ" is AO R), or none for a mere mark.

    Raises ValueError for a letter that no phone is known for.
    """
    letters = "".join(
        c for c in unicodedata.normalize("NFD", text) if c not in IGNORED and not unicodedata.combining(c)
    )
    if letters.lower() in SILENT_NAMES:
        return (SILENCE,) if text.strip().lower() in SILENT_NAMES else ()
    found = []
    while letters:
        length = 2 if letters[:2] in IPA else 1
        if letters[:length] not in IPA:
            raise ValueError(f"no phone is known for {letters[:length]!r} in {text!r}")
        found.append(IPA[letters[:length]])
        letters = letters[length:]
    return tuple(found)


def spread_ipa(text: str, start: float, end: float) -> list[Phone]:
    """The phones of one IPA spelling, sharing its time equally."""
    names = from_ipa(text)
    edges = np.linspace(start, end, len(names) + 1)
    return [Phone(name, float(a), float(b)) for name, a, b in zip(names, edges, edges[1:], strict=False)]


def tidy(phones: Iterable[Phone], seconds: float) -> list[Phone]:
    """The phones without gaps from 0 to `seconds`: holes become silence, neighbouring silences one, empty ones go."""
    result: list[Phone] = []

    def append(name: str, start: float, end: float) -> None:
        if end - start < 1e-4:
            return
        if result and name == SILENCE and result[-1].name == SILENCE:
            start = result.pop().start
        result.append(Phone(name, start, end))

    time = 0.0
    for phone in phones:
        start, end = min(max(time, phone.start), seconds), min(phone.end, seconds)
        if start - time > 0.005:
            append(SILENCE, time, start)
        else:
            start = time
        append(phone.name, start, end)
        time = result[-1].end if result else 0.0
    append(SILENCE, time, seconds)
    return result


def stretch(phones: Sequence[Phone], start: float, end: float) -> list[Phone]:
    """What of the phones lies between two times (seconds), counted from the first of them."""
    return [
        Phone(phone.name, max(phone.start, start) - start, min(phone.end, end) - start)
        for phone in phones
        if phone.end > start and phone.start < end
    ]


def frame_labels(phones: Sequence[Phone], frames: int, fps: float) -> npt.NDArray[np.int64]:
    """Index into PHONES for each frame (frame t lies at t / fps seconds): int64 [frames]."""
    labels = np.zeros(frames, np.int64)
    for phone in phones:
        first, last = (int(np.ceil(time * fps - 1e-6)) for time in (phone.start, phone.end))
        labels[max(first, 0) : last] = INDEX[phone.name]
    return labels
