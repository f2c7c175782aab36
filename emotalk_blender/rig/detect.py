# SPDX-License-Identifier: GPL-3.0-or-later
"""Which preset the controls of a face are named by, and what drives each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .mapping import Mapping, Row
from .names import by_plain_name, plain, shared_prefix
from .presets import ARKIT, PRESETS, Preset, Shape
from .sources import POSES, covered_channel

_WORD = 4
"""Letters of a name that hardly means something else by chance. Shorter ones (A, O, etc) mean nothing unless half of
the short names of the preset are there."""

_COVERED = 0.5
"""Part of a pose that blendshapes of the face's own already show, from which on it is not needed."""


def detect(names: Sequence[str], preset: Preset | None = None) -> Mapping:
    """The rows for the controls of these names; controls that no preset knows are left out.

    preset: the only one to look for; without it the one of PRESETS that most controls belong to. Then the face's ARKit
    shapes are driven besides those of the preset, and what they show already is not shown by a pose once more.

    The rows are in the order of the names.
    """
    if preset is not None:
        found = find_shapes(names, preset)
        return _mapping(names, found, preset, found)
    shapes = {candidate.key: find_shapes(names, candidate) for candidate in PRESETS}
    best = max(PRESETS, key=lambda candidate: len({shape.name for shape in shapes[candidate.key].values()}))
    visemes = max(PRESETS, key=lambda candidate: _sounds(shapes[candidate.key]))
    together = _together([shapes[ARKIT.key], shapes[best.key], shapes[visemes.key]])
    return _mapping(names, together, best, shapes[best.key])


def find_shapes(names: Sequence[str], preset: Preset) -> dict[str, Shape]:
    """Control -> the shape of the preset that it is; each shape has one control, or two halves of itself.

    Understood are other case, separators, sides before or behind the name and in short, numbers before it, one prefix
    that most names share, and a shape without a side that is there in two halves (browInnerUp_L and browInnerUp_R).
    Where several names mean the same shape the best spelt one is taken, because two would move the face twice.
    """
    found = _find(dict(zip(names, names, strict=True)), preset)
    prefix = shared_prefix(names)
    if prefix:
        shortened = {name.removeprefix(prefix): name for name in names}
        found = max(found, _find(shortened, preset), key=len)
    return found


def _find(spelt: dict[str, str], preset: Preset) -> dict[str, Shape]:
    """Control -> the shape of the preset that it is. spelt: spelling to look up -> name of the control."""
    known = by_plain_name(spelt, (spelling for shape in preset.shapes for spelling in shape.spellings))
    found: dict[str, Shape] = {}
    short: set[str] = set()
    for shape in preset.shapes:
        whole = _first(known, [plain(spelling) for spelling in shape.spellings])
        halves = [_first(known, [plain(spelling) + side for spelling in shape.spellings]) for side in "lr"]
        for match in [whole] if whole else halves:
            if match is not None:
                found.setdefault(spelt[match], shape)
                short |= {shape.name} if len(plain(match)) < _WORD else set()
    company = sum(any(len(plain(spelling)) < _WORD for spelling in shape.spellings) for shape in preset.shapes)
    words = {shape.name for shape in found.values()} - short
    return found if words or 2 * len(short) >= company > 0 else {}


def _mapping(names: Sequence[str], driven: dict[str, Shape], preset: Preset, found: dict[str, Shape]) -> Mapping:
    """The mapping with a row for each driven control; found: the shapes of the preset that the face has."""
    rows = tuple(Row(name, driven[name].source) for name in names if name in driven)
    there = {shape.name for shape in found.values()}
    missing = tuple(shape.name for shape in preset.shapes if shape.name not in there)
    return Mapping(rows, preset.label, len(preset.shapes) - len(missing), len(preset.shapes), missing)


def _sounds(found: dict[str, Shape]) -> int:
    """How many different speech sounds the shapes show."""
    return len({shape.source for shape in found.values() if shape.source.startswith("sound")})


def _together(findings: Sequence[dict[str, Shape]]) -> dict[str, Shape]:
    """Control -> shape, of all findings; where two of them show the same, the earlier one does."""
    together: dict[str, Shape] = {}
    for found in findings:
        shown = {covered_channel(shape.source) for shape in together.values()} - {None}
        more = {name: shape for name, shape in found.items() if covered_channel(shape.source) not in shown}
        together = more | together
    channels = [covered_channel(shape.source) for shape in together.values()]
    return {name: shape for name, shape in together.items() if not _is_covered(shape.source, set(channels))}


def _is_covered(source: str, channels: Iterable[int | None]) -> bool:
    """Whether these columns show at least half of a pose."""
    if source not in POSES:
        return False
    look = POSES[source].vector()
    shown = sum(look[channel] for channel in channels if channel is not None)
    return bool(shown >= _COVERED * look.sum())


def _first(known: dict[str, str], spellings: list[str]) -> str | None:
    return next((known[spelling] for spelling in spellings if spelling in known), None)
