# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones and words with their times from Praat TextGrids, as the Montreal Forced Aligner writes them."""

from __future__ import annotations

from pathlib import Path

from ...errors import EmoTalkError
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
    """Label, start and end of every interval of the tiers whose name ends so, in any of Praat's formats."""
    from praatio import textgrid
    from praatio.utilities.errors import PraatioException

    try:
        grid = textgrid.openTextgrid(str(path), True, reportingMode="silence", duplicateNamesMode="rename")
    except OSError as error:
        raise EmoTalkError(f"{path} cannot be read. Choose a TextGrid file.") from error
    except (PraatioException, ValueError, LookupError, TypeError, AttributeError) as error:
        raise EmoTalkError(f"{path} is no TextGrid, or a damaged one. Save it again in Praat.") from error
    found = [
        (entry.label, float(entry.start), float(entry.end))
        for one in grid.tiers
        if isinstance(one, textgrid.IntervalTier) and one.name.endswith(tier)
        for entry in one.entries
    ]
    if not found:
        raise EmoTalkError(f"{path} has no tier of {tier}.")
    return found


def _named(name: str, start: float, end: float) -> list[Phone]:
    """The phones of one label, in ARPAbet (upper case) or IPA."""
    if name and name.isascii() and name[0].isupper():
        return [Phone(from_arpabet(name), start, end)]
    return spread_ipa(name, start, end)
