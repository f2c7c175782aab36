# SPDX-License-Identifier: GPL-3.0-or-later
"""Which shape key of a mesh is which of the 52 ARKit blendshapes, by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..curves import ARKIT_NAMES, CHANNEL, FloatArray

_SEPARATORS = re.compile(r"[\s_.\-]+")
_LOWER_NAMES = frozenset(name.lower() for name in ARKIT_NAMES)


@dataclass(frozen=True)
class Mapping:
    """The shape keys that the network can drive.

    channels: name of the shape key -> column of the curves that drives it. A key stands here once at most; one
    column may drive several keys (cheekPuff_L and cheekPuff_R).
    """

    channels: dict[str, int]

    @property
    def count(self) -> int:
        """How many of the 52 blendshapes drive at least one key."""
        return len(set(self.channels.values()))

    @property
    def missing(self) -> list[str]:
        """The blendshapes that drive no key, in the order of ARKIT_NAMES."""
        found = set(self.channels.values())
        return [name for name, channel in CHANNEL.items() if channel not in found]

    def drive(self, values: FloatArray) -> FloatArray:
        """The value of each key over time, [frames, keys], from the weights of the blendshapes, [frames, 52]."""
        driven: FloatArray = values[:, list(self.channels.values())]
        return driven


def match_shape_keys(names: Sequence[str]) -> Mapping:
    """Find the blendshape of each shape key; keys that are none of the 52 are left out.

    Understood are the exact name, other case, _L/_R for Left/Right, separators (space, underscore, dot, hyphen), and a
    blendshape without a side that the mesh has in two halves (browInnerUp_L and browInnerUp_R). Where several names
    mean the same blendshape only the best spelled one is taken (exact, other case, other spelling, halves), because
    two would move the face twice.
    """
    found: dict[str, str] = {}
    for name in sorted(names, key=_distance_from_arkit):
        found.setdefault(_plain(name), name)
    channels: dict[str, int] = {}
    for channel, arkit_name in enumerate(ARKIT_NAMES):
        whole = _first(found, _whole_spellings(arkit_name))
        halves = [_first(found, _sided_spellings(arkit_name, side)) for side in ("Left", "Right")]
        for key in halves if whole is None else [whole]:
            if key is not None:
                channels[key] = channel
    return Mapping({name: channels[name] for name in names if name in channels})


def _distance_from_arkit(name: str) -> int:
    if name in CHANNEL:
        return 0
    return 1 if name.lower() in _LOWER_NAMES else 2


def _plain(name: str) -> str:
    return _SEPARATORS.sub("", name).lower()


def _whole_spellings(arkit_name: str) -> list[str]:
    for side in ("Left", "Right"):
        if arkit_name.endswith(side):
            return _sided_spellings(arkit_name.removesuffix(side), side)
    return [_plain(arkit_name)]


def _sided_spellings(stem: str, side: str) -> list[str]:
    return [_plain(stem + side), _plain(stem + side[0])]


def _first(found: dict[str, str], spellings: list[str]) -> str | None:
    return next((found[spelling] for spelling in spellings if spelling in found), None)
