# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones and words with their times from Praat TextGrids, as the Montreal Forced Aligner writes them."""

from __future__ import annotations

import re
from pathlib import Path

from ...errors import EmoTalkError
from ...files.text import read_text
from ..rules.phones import Phone, from_arpabet, spread_ipa, tidy


def read_textgrid(path: Path) -> list[Phone]:
    """The tier "phones" of a Praat TextGrid (IPA or ARPAbet) as ARPAbet phones without gaps. Raises EmoTalkError."""
    intervals = _intervals(path, "phones")
    phones = [phone for name, start, end in intervals for phone in _named(name, start, end)]
    return tidy(phones, intervals[-1][2])


def read_textgrid_words(path: Path) -> list[tuple[str, float, float]]:
    """The tier "words" as words with start and end in seconds; pauses have no name. Raises EmoTalkError."""
    return _intervals(path, "words")


def _intervals(path: Path, tier: str) -> list[tuple[str, float, float]]:
    """Label, start and end of every interval of the tiers whose name ends so."""
    text = read_text(path)
    # Long and short files hold the same numbers and strings in the same order.
    tokens = re.findall(r'"[^"]*"|[\d.]+', re.sub(r"\[\d*\]", "", text))
    found = []
    for index, token in enumerate(tokens):
        if token == '"IntervalTier"' and tokens[index + 1].strip('"').endswith(tier):
            try:
                for first in range(index + 5, index + 5 + 3 * int(tokens[index + 4]), 3):
                    found.append((tokens[first + 2].strip('"'), float(tokens[first]), float(tokens[first + 1])))
            except (IndexError, ValueError) as error:
                raise EmoTalkError(
                    f"{path.name} is damaged in its tier of {tier}. Write it with Praat again."
                ) from error
    if not found:
        raise EmoTalkError(f"{path} has no tier of {tier}.")
    return found


def _named(name: str, start: float, end: float) -> list[Phone]:
    """The phones of one label, in ARPAbet (upper case) or IPA."""
    if name and name.isascii() and name[0].isupper():
        return [Phone(from_arpabet(name), start, end)]
    return spread_ipa(name, start, end)
