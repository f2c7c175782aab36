# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of a network beside filmed faces: how it follows the lips, chin and narrowing of each speaker's film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...animation.lips import CLOSED
from ...curves import CHANNEL, FPS, FloatArray, lip_opening
from ..rules.phones import BILABIALS
from .clips import EvaluationClip
from .figures import MOST_LAG, correlation

TOUCH = 0.005
"""Opening of a film's lips up to which they touch: in a capture their contact is exact, but for its rounding."""
REACH = 1 / 30
"""Seconds around a P, B or M within which lips may touch, in the film and ours."""
WIDE_PART = 0.50
"""A film's mouth is wide open above that part of its range."""
RANGES = ("mouthUpperUp", "mouthLowerDown", "mouthFunnel", "mouthSmile", "mouthShrugUpper")


@dataclass(frozen=True)
class Filmed:
    """A filmed clip and the network's curves for it, From Voice at intensity 1; both as long as the shorter."""

    clip: EvaluationClip
    found: FloatArray

    @property
    def frames(self) -> int:
        """Number of frames at 30 fps."""
        return min(len(self.clip.curves), len(self.found))


@dataclass(frozen=True)
class FilmFigures:
    """Of one speaker's clips together; parts 0 to 1, correlations at the lag that fits best.

    opening: correlation with the gap between the lips; chin: of jawOpen with the chin, narrowing: of mouthPucker and
    mouthFunnel with the narrowing of the mouth, both None where these were not measured.
    closed: part of the P, B and M in which the film's lips touch where ours do (below CLOSED), shut: part of the frames
    where the film's mouth is wide open in which they are; contacts: how many P, B and M; both None without phones.
    ranges: 95th percentile of channels (left and right averaged) over the film's, of those that move in it.
    """

    speaker: str
    opening: float
    chin: float | None
    narrowing: float | None
    closed: float | None
    shut: float
    contacts: int
    ranges: dict[str, float]


def film_figures(filmed: Sequence[Filmed]) -> list[FilmFigures]:
    """The figures of each speaker, by name."""
    speakers = sorted({one.clip.speaker for one in filmed})
    return [_speaker_figures([one for one in filmed if one.clip.speaker == speaker]) for speaker in speakers]


def _speaker_figures(filmed: Sequence[Filmed]) -> FilmFigures:
    """The figures of one speaker."""
    found = [one.found[: one.frames] for one in filmed]
    true = [one.clip.curves[: one.frames] for one in filmed]
    ours, theirs = [lip_opening(curves) for curves in found], [lip_opening(curves) for curves in true]
    wide = np.concatenate(theirs) > WIDE_PART * float(np.percentile(np.concatenate(theirs), 95))
    met = [
        bool(ours[index][near].min() < CLOSED)
        for index, one in enumerate(filmed)
        for near in _contacts(one.clip, theirs[index])
    ]
    measured = [index for index, one in enumerate(filmed) if one.clip.film is not None]
    chin, narrowing = None, None
    if measured:
        films = [filmed[index].clip.film for index in measured]
        jaws = [found[index][:, CHANNEL["jawOpen"]] for index in measured]
        rounded = [found[index][:, [CHANNEL["mouthPucker"], CHANNEL["mouthFunnel"]]].sum(axis=1) for index in measured]
        chin = best_correlation(jaws, [film.chin for film in films if film is not None])
        narrowing = best_correlation(rounded, [film.narrowing for film in films if film is not None])
    return FilmFigures(
        speaker=filmed[0].clip.speaker,
        opening=best_correlation(ours, theirs),
        chin=chin,
        narrowing=narrowing,
        closed=float(np.mean(met)) if met else None,
        shut=float((np.concatenate(ours)[wide] < CLOSED).mean()) if wide.any() else 0.0,
        contacts=len(met),
        ranges=_ranges(np.concatenate(found), np.concatenate(true)),
    )


def _contacts(clip: EvaluationClip, opening: FloatArray) -> list[slice]:
    """The frames in and around each P, B and M in which the film's lips, so far apart [frames], touch."""
    found = []
    for phone in clip.phones or ():
        first, last = (phone.start - REACH) * FPS, (phone.end + REACH) * FPS
        near = slice(max(0, int(np.ceil(first))), min(len(opening), int(np.floor(last)) + 1))
        if phone.name in BILABIALS and opening[near].min(initial=np.inf) <= TOUCH:
            found.append(near)
    return found


def best_correlation(ours: Sequence[FloatArray], theirs: Sequence[FloatArray]) -> float:
    """Pearson's over all clips, each less its mean, at the lag of up to MOST_LAG frames that fits them best."""
    fits = []
    for lag in range(-MOST_LAG, MOST_LAG + 1):
        pairs = []
        for one, other in zip(ours, theirs, strict=True):
            count = min(len(one), len(other))
            moved = np.roll(one[:count], -lag)[MOST_LAG : count - MOST_LAG]
            kept = other[MOST_LAG : count - MOST_LAG]
            pairs.append((moved - moved.mean(), kept - kept.mean()))
        fits.append(correlation(*(np.concatenate(parts) for parts in zip(*pairs, strict=True))))
    return max(fits)


def _ranges(found: FloatArray, true: FloatArray) -> dict[str, float]:
    """The 95th percentile of RANGES over the film's, of those that move in the film."""
    ranges = {}
    for name in RANGES:
        columns = [CHANNEL[side] for side in (name, f"{name}Left", f"{name}Right") if side in CHANNEL]
        ours, theirs = (float(np.percentile(curves[:, columns].mean(axis=1), 95)) for curves in (found, true))
        if theirs > TOUCH:
            ranges[name] = ours / theirs
    return ranges
