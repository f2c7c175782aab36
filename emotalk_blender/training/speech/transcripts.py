# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said in a recording, as words that a dictionary knows."""

from __future__ import annotations

import re

YEARS = range(1100, 2000)
"""Numbers that are read as years, in two pairs: by themselves, anything else is rarer."""


def spoken_words(text: str) -> list[str]:
    """The words of a text as a dictionary spells them: lower case, whole numbers in words, no punctuation."""
    text = re.sub(r"\d+", lambda match: f" {number_words(int(match.group()))} ", text.replace("’", "'").lower())
    return [word for word in (part.strip("'") for part in re.findall(r"[a-z']+", text)) if word]


def number_words(number: int) -> str:
    """A number as it is read: those in YEARS as years, the rest plainly."""
    from num2words import num2words

    text: str = num2words(number, to="year" if number in YEARS else "cardinal")
    return text.replace("-", " ").replace(",", "").replace(" and ", " ")
