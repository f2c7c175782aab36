# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said in a recording, as words that a dictionary knows."""

from __future__ import annotations

import re

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


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
