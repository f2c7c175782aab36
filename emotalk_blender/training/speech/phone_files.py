# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones that stand in a file beside a recording, or that its text tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...curves import SAMPLE_RATE, FloatArray
from ...errors import EmoTalkError
from ..rules.phones import INDEX, Phone, tidy
from .alignment import Aligner
from .textgrids import read_textgrid, read_textgrid_words
from .transcripts import spoken_words

PHONE_FILES = (".json", ".TextGrid", ".txt")
"""Endings of files that tell phones; the first that is there counts."""


@dataclass(frozen=True)
class NotedPhones:
    """What is said in a recording, in time.

    phones: without gaps from 0 to its end; words: with start and end in seconds, empty where nobody noted them.
    """

    phones: list[Phone]
    words: list[tuple[str, float, float]] = field(default_factory=list)


def read_phones(sound: Path, samples: FloatArray) -> NotedPhones | None:
    """The phones of a recording (float32 [N], 16 kHz) from the file of the same name beside it; None without one.

    NAME.json holds [[name, start, end], ...] or the same under "phones", and words under "words"; NAME.TextGrid has the
    tiers of the Montreal Forced Aligner; NAME.txt is a text, which is aligned here (None where it does not fit). Raises
    EmoTalkError for a broken file.
    """
    readers: dict[str, Callable[[Path], NotedPhones]] = {".json": _from_json, ".TextGrid": _from_textgrid}
    for ending, reader in readers.items():
        file = sound.with_suffix(ending)
        if file.is_file():
            noted = reader(file)
            return NotedPhones(tidy(noted.phones, len(samples) / SAMPLE_RATE), noted.words)
    text = sound.with_suffix(".txt")
    if not text.is_file():
        return None
    aligned = Aligner().align(samples, spoken_words(text.read_text(encoding="utf-8")))
    return NotedPhones(aligned.phones) if aligned else None


def _from_json(file: Path) -> NotedPhones:
    """The phones, and words if there are any, of a JSON file."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        phones, words = (data["phones"], data.get("words", [])) if isinstance(data, dict) else (data, [])
        noted = NotedPhones(
            [Phone(str(name), float(start), float(end)) for name, start, end in phones],
            [(str(word), float(start), float(end)) for word, start, end in words],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EmoTalkError(f"{file} holds no phones. Write [[name, start, end], ...] in seconds.") from error
    unknown = sorted({phone.name for phone in noted.phones} - set(INDEX))
    if unknown:
        raise EmoTalkError(f"{file} has unknown phones: {', '.join(unknown)}. Write ARPAbet without stress, or SIL.")
    return noted


def _from_textgrid(file: Path) -> NotedPhones:
    """The phones of a TextGrid, and its words if it has a tier of them."""
    phones = read_textgrid(file)
    try:
        return NotedPhones(phones, [word for word in read_textgrid_words(file) if word[0]])
    except EmoTalkError:
        return NotedPhones(phones)
