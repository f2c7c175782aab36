# SPDX-License-Identifier: GPL-3.0-or-later
"""One shape, many spellings: names made plain, so that they can be compared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_SEPARATORS = re.compile(r"[\s_.,:|\-]+")
_NUMBER_BEFORE = re.compile(r"^[A-Za-z]?\d+[\s_.\-]+(?=.)")
_SIDE_BEFORE = re.compile(r"^(?:([LlRr]|[Ll]eft|[Rr]ight|LEFT|RIGHT)[\s_.\-]+|([Ll]eft|[Rr]ight)(?=[A-Z]))(?=.)")
_PREFIX_END = re.compile(r"[_.:|]+")


def plain(name: str) -> str:
    """The name in lower case, without separators and numbers before it, with its side as one letter at the end.

    "A14_Eye_Blink_Left", "eyeBlink.L" and "L_eyeBlink" are all "eyeblinkl".
    """
    name = _NUMBER_BEFORE.sub("", name)
    side = _SIDE_BEFORE.match(name)
    if side:
        name = name[side.end() :] + (side[1] or side[2])[0]
    name = _SEPARATORS.sub("", name).lower()
    return re.sub("left$", "l", re.sub("right$", "r", name))


def shared_prefix(names: Sequence[str]) -> str:
    """What most of the names begin with, up to a separator: "blendShape1." or "Face_"; empty where there is no such.

    The longest of those that more than half of the names have.
    """
    counts: Counter[str] = Counter()
    for name in names:
        counts.update(name[: end.end()] for end in _PREFIX_END.finditer(name) if 0 < end.end() < len(name))
    shared = [prefix for prefix, count in counts.items() if count > len(names) / 2]
    return max(shared, key=len, default="")


def by_plain_name(names: Iterable[str], best: Iterable[str]) -> dict[str, str]:
    """Plain name -> name; of several that are the same plainly, the one that is spelt as in `best`, or nearly so."""
    exact = set(best)
    lower = {name.lower() for name in exact}
    found: dict[str, str] = {}
    for name in sorted(names, key=lambda name: 0 if name in exact else 1 if name.lower() in lower else 2):
        found.setdefault(plain(name), name)
    return found
