# SPDX-License-Identifier: GPL-3.0-or-later
"""One shape, many spellings: names made plain, so that they can be compared."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_SEPARATORS = re.compile(r"[\s_.,:|\-]+")
_NUMBER_BEFORE = re.compile(r"^[A-Za-z]?\d+[\s_.\-]+(?=.)")
_SIDE_BEFORE = re.compile(r"^(?:([LlRr]|[Ll]eft|[Rr]ight|LEFT|RIGHT)[\s_.\-]+|([Ll]eft|[Rr]ight)(?=[A-Z]))(?=.)")
WORD = 4
"""Letters of a name that hardly means something else by chance."""

_SIDES = {"l", "r", "left", "right"}


@lru_cache(maxsize=16384)
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


def families(names: Sequence[str], known: Collection[str], words: Collection[str] = ()) -> list[dict[str, str]]:
    """The names that belong together: those with the same prefix and suffix around what is known. Largest first.

    known: plain names. Each family is core -> name, the core being the name without "blendShape1." before it or "_div2"
    behind it, and plainly one of the known. Whatever else stands among the names makes no difference: two of a kind
    make a prefix or suffix, and one makes a prefix if it is a word. A side is none, nor is one of the `words`, which
    are plain names too: jawOpen_mouthSmileLeft is neither of the two.
    """
    splits = [split for name in names for split in _splits(name) if plain(split.core) in known]
    before: defaultdict[str, set[str]] = defaultdict(set)
    behind: defaultdict[str, set[str]] = defaultdict(set)
    for split in splits:
        before[split.prefix].add(plain(split.core))
        behind[split.suffix].add(plain(split.core))
    real = {prefix for prefix, cores in before.items() if len(cores) > 1 or max(map(len, cores)) >= WORD}
    real = {"", *(prefix for prefix in real if plain(prefix) not in words)}
    ends = {"", *(suffix for suffix in behind if len(behind[suffix]) > 1 and plain(suffix) not in words)}
    found: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for split in splits:
        if split.prefix in real and split.suffix in ends:
            found[split.prefix, split.suffix][split.core] = split.prefix + split.core + split.suffix
    largest = sorted(found, key=lambda around: (-len(found[around]), len("".join(around)), around))
    return [found[around] for around in largest]


@dataclass(frozen=True)
class _Split:
    """A name in three pieces."""

    prefix: str
    core: str
    suffix: str


@lru_cache(maxsize=4096)
def _splits(name: str) -> tuple[_Split, ...]:
    """The ways to cut a name at its separators into what may be a prefix, a core and a suffix."""
    cuts = [cut for cut in _SEPARATORS.finditer(name) if cut.start() > 0 and cut.end() < len(name)]
    starts = [0, *(cut.end() for cut in cuts if name[: cut.start()].lower() not in _SIDES)]
    ends = [*(cut.start() for cut in cuts if name[cut.end() :].lower() not in _SIDES), len(name)]
    return tuple(_Split(name[:start], name[start:end], name[end:]) for start in starts for end in ends if start < end)


def by_plain_name(names: Iterable[str], best: Iterable[str]) -> dict[str, str]:
    """Plain name -> name; of several that are the same plainly, the one that is spelt as in `best`, or nearly so."""
    exact = set(best)
    lower = {name.lower() for name in exact}
    found: dict[str, str] = {}
    for name in sorted(names, key=lambda name: 0 if name in exact else 1 if name.lower() in lower else 2):
        found.setdefault(plain(name), name)
    return found
