# SPDX-License-Identifier: GPL-3.0-or-later
"""Which preset the controls of a face are named by, and what drives each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from .mapping import Mapping, Row
from .names import WORD, by_plain_name, families, plain
from .presets import ARKIT, PRESETS, Preset, Shape
from .sources import POSES, covered_channel

_WORDS = frozenset(
    word for preset in PRESETS for shape in preset.shapes for word in map(plain, shape.spellings) if len(word) >= WORD
)
"""All that a name may mean, in any convention."""

_COVERED = 0.5
"""Part of a pose that blendshapes of the face's own already show, from which on it is not needed."""


def detect(names: Sequence[str], preset: Preset | None = None) -> Mapping:
    """The rows for the controls of these names; controls that no preset knows are left out.

    preset: the only one to look for. Otherwise the face may follow several: its sounds are those of the preset that has
    most of them, and everything else is taken from wherever it is found, so that a second convention never hides what
    the first one shows. What two of them show is driven once, by its ARKit shape if there is one, and what blendshapes
    show already is not shown by a pose once more. The mapping is named after the preset that most controls belong to.

    The rows are in the order of the names.
    """
    if preset is not None:
        found = find_shapes(names, preset)
        return _mapping(names, found, preset, found)
    shapes = {candidate.key: find_shapes(names, candidate) for candidate in PRESETS}
    ranked = sorted(PRESETS, key=lambda candidate: _rank(shapes[candidate.key]), reverse=True)
    best, visemes = ranked[0], max(ranked, key=lambda candidate: _sounds(shapes[candidate.key]))
    settled = _settled(
        {
            candidate.key: shapes[candidate.key] if candidate is visemes else _without_sounds(shapes[candidate.key])
            for candidate in ranked
        }
    )
    order = [ARKIT, *(candidate for candidate in ranked if candidate is not ARKIT)]
    return _mapping(names, _together([settled[candidate.key] for candidate in order]), best, shapes[best.key])


def find_shapes(names: Sequence[str], preset: Preset) -> dict[str, Shape]:
    """Control -> the shape of the preset that it is; each shape has one control, or two halves of itself.

    Understood are other case, separators, sides before or behind the name and in short, numbers before it, prefixes and
    suffixes that several of its names share, and a shape without a side that is there in two halves (browInnerUp_L and
    browInnerUp_R). Where several names mean the same shape the best spelt one is taken, because two would move the face
    twice.
    """
    known = {
        plain(spelling) + side for shape in preset.shapes for spelling in shape.spellings for side in ("", "l", "r")
    }
    found: dict[str, Shape] = {}
    for family in families(names, known, _WORDS):
        there = {shape.name for shape in found.values()}
        more = {name: shape for name, shape in _find(family, preset).items() if shape.name not in there}
        found = more | found
    return found


def _find(spelt: dict[str, str], preset: Preset) -> dict[str, Shape]:
    """Control -> the shape of the preset that it is. spelt: spelling to look up -> name of the control."""
    known = by_plain_name(spelt, (spelling for shape in preset.shapes for spelling in shape.spellings))
    found: dict[str, Shape] = {}
    short: set[str] = set()
    whole_names = {plain(spelling) for shape in preset.shapes for spelling in shape.spellings}  # Close_L is no half
    for shape in preset.shapes:
        whole = _first(known, [plain(spelling) for spelling in shape.spellings])
        halves = [
            _first(known, [half for spelling in shape.spellings if (half := plain(spelling) + side) not in whole_names])
            for side in "lr"
        ]
        for match in [whole] if whole else halves:
            if match is not None:
                found.setdefault(spelt[match], shape)
                short |= {shape.name} if _is_short(match) else set()
    company = sum(any(_is_short(plain(spelling)) for spelling in shape.spellings) for shape in preset.shapes)
    words = {shape.name for shape in found.values()} - short
    return found if words or 2 * len(short) >= company > 0 else {}


def _is_short(spelling: str) -> bool:
    """Whether a plain spelling may mean something else by chance, as A, O and etc do; a single kana or kanji is a word.

    Such names count only where half of the short names of the preset are there.
    """
    return len(spelling) < WORD and spelling.isascii()


def _mapping(names: Sequence[str], driven: dict[str, Shape], preset: Preset, found: dict[str, Shape]) -> Mapping:
    """The mapping with a row for each driven control; found: the shapes of the preset that the face has."""
    rows = tuple(Row(name, driven[name].source) for name in names if name in driven)
    there = {shape.name for shape in found.values()}
    missing = tuple(shape.name for shape in preset.shapes if shape.name not in there)
    return Mapping(rows, preset.label, len(preset.shapes) - len(missing), len(preset.shapes), missing)


def _rank(found: dict[str, Shape]) -> tuple[int, int]:
    """How well a preset fits: how many of its shapes are there, and how many of them spelt as it spells them."""
    exact = {shape.name for name, shape in found.items() if name in shape.spellings}
    return len({shape.name for shape in found.values()}), len(exact)


def _settled(shapes: dict[str, dict[str, Shape]]) -> dict[str, dict[str, Shape]]:
    """The findings of all presets, the best first, where each control is left to one of them.

    Of several that know it, the one that knows most names of its kind: beside mouth_AI and mouth_FV, mouth_L is an L.
    """
    kin = {key: Counter(map(_kind, found)) for key, found in shapes.items()}
    owners: dict[str, str] = {}
    for name in {name for found in shapes.values() for name in found}:
        owners[name] = max((key for key in shapes if name in shapes[key]), key=lambda key: kin[key][_kind(name)])
    return {key: {name: shape for name, shape in found.items() if owners[name] == key} for key, found in shapes.items()}


def _kind(name: str) -> str:
    """What stands before the last word of a name."""
    return name[: max(map(name.rfind, "_.:| -")) + 1]


def _is_sound(shape: Shape) -> bool:
    return shape.source.startswith("sound")


def _sounds(found: dict[str, Shape]) -> int:
    """How many different speech sounds the shapes show."""
    return len({shape.source for shape in found.values() if _is_sound(shape)})


def _without_sounds(found: dict[str, Shape]) -> dict[str, Shape]:
    return {name: shape for name, shape in found.items() if not _is_sound(shape)}


def _together(findings: Sequence[dict[str, Shape]]) -> dict[str, Shape]:
    """Control -> shape, of all findings; where two of them show the same, the earlier one does."""
    together: dict[str, Shape] = {}
    for found in findings:
        shown = {_shown(shape.source) for shape in together.values()}
        together = {name: shape for name, shape in found.items() if _shown(shape.source) not in shown} | together
    channels = {covered_channel(shape.source) for shape in together.values()}
    return {name: shape for name, shape in together.items() if not _is_covered(shape.source, channels)}


def _shown(source: str) -> str | int:
    """What tells whether two sources show the same: the column that they take over, or the pose."""
    channel = covered_channel(source)
    return source if channel is None else channel


def _is_covered(source: str, channels: Iterable[int | None]) -> bool:
    """Whether these columns show at least half of a pose."""
    if source not in POSES:
        return False
    look = POSES[source].vector()
    shown = sum(look[channel] for channel in channels if channel is not None)
    return bool(shown >= _COVERED * look.sum())


def _first(known: dict[str, str], spellings: list[str]) -> str | None:
    return next((known[spelling] for spelling in spellings if spelling in known), None)
