# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures by which default weights are chosen, one a line, with what they are to reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .closures import Closures, sum_closures
from .emotion_figures import mean_shows
from .evaluate import ClipFigures, Evaluation
from .film_figures import RANGES

RANGE = "0.8 to 1.2"
_NAME, _VALUE = 52, 16


@dataclass(frozen=True)
class Goal:
    """A figure: its name, its value as text (a dash where nothing was given to measure it on), and what to reach."""

    name: str
    value: str
    reach: str


def goals(evaluation: Evaluation) -> list[Goal]:
    """The figures of an evaluation."""
    return [*_film_goals(evaluation), *_clip_goals(evaluation), *_emotion_goals(evaluation)]


def summary(columns: Sequence[tuple[str, Evaluation]]) -> str:
    """The figures of some networks beside each other, each with its name, as text to read."""
    found = [goals(evaluation) for _, evaluation in columns]
    lines = [
        f"{'From Voice, unless an emotion is set':{_NAME}s}" + "".join(f"{name:>{_VALUE}s}" for name, _ in columns)
    ]
    lines[0] += f"{'reach':>{_VALUE}s}"
    for row in zip(*found, strict=True):
        values = "".join(f"{goal.value:>{_VALUE}s}" for goal in row)
        lines.append(f"{row[0].name:{_NAME}s}{values}{row[0].reach:>{_VALUE}s}")
    return "\n".join(lines) + "\n"


def _film_goals(evaluation: Evaluation) -> list[Goal]:
    """The figures beside films, averaged over their speakers."""
    films = evaluation.films
    contacts = [film for film in films if film.closed is not None]
    weights = [film.contacts for film in contacts]
    closed = float(np.average([film.closed or 0.0 for film in contacts], weights=weights)) if contacts else None
    widths = {name: _mean([film.ranges.get(name) for film in films]) for name in RANGES}
    ranges = [Goal(f"films: range of {name} over the faces'", _number(width), RANGE) for name, width in widths.items()]
    return [
        Goal("films: lips' opening with the gap, r", _number(_mean([film.opening for film in films])), "0.75"),
        Goal("films: lips together at P B M as the film's", _part(closed), "95 %"),
        Goal("films: together where the film's mouth is wide", _part(_mean([film.shut for film in films])), "2 %"),
        Goal("films: jawOpen with the chin, r", _number(_mean([film.chin for film in films])), "0.72"),
        Goal("films: rounding with the narrowing, r", _number(_mean([film.narrowing for film in films])), "0.57"),
        *ranges,
    ]


def _clip_goals(evaluation: Evaluation) -> list[Goal]:
    """The figures of captures without phones, of aligned speech and of acted moods."""
    kinds = {kind: [clip for clip in evaluation.clips if clip.kind == kind] for kind in ("aligned", "acted")}
    captured = [clip for clip in evaluation.clips if clip.kind == "captured" and not clip.phones_known]
    aligned, acted = (_closures(kinds[kind]) for kind in ("aligned", "acted"))
    bilabials = f"{_part(aligned.closed)} ({_part(aligned.chance)})" if aligned else "-"
    return [
        Goal("captures without phones: opening, r", _number(_weighted(captured)), "0.85"),
        Goal("aligned speech: P B M closed (chance)", bilabials, "90 % (50 %)"),
        Goal("aligned speech: open vowels shut", _part(aligned.false if aligned else None), "2 %"),
        Goal("acted moods: open vowels shut", _part(acted.false if acted else None), "5 %"),
    ]


def _emotion_goals(evaluation: Evaluation) -> list[Goal]:
    """The figures of emotions: heard, and set on some voices."""
    heard = evaluation.emotions_heard
    shown = [row for voice in evaluation.emotions_set for row in voice.values()]
    moods = mean_shows(evaluation.emotions_set).values() if evaluation.emotions_set else []
    lively, means = [row.liveliness for row in moods], [row.mean for row in moods]
    return [
        Goal("mood heard", _part(heard.accuracy if heard else None), "60 %"),
        Goal("mood heard, averaged over the moods", _part(heard.mean_recall if heard else None), ""),
        Goal("a set mood shows, by voice and mood", _between([100 * row.part for row in shown], "{:.0f} %"), "85 %"),
        Goal("words kept when a mood is set, r", _number(_mean([row.words for row in shown])), "0.95"),
        Goal("spread over mean of its leading channels", _between(lively, "{:.2f}"), "0.35"),
        Goal("mean of its leading channels", _between(means, "{:.2f}"), "0.30 to 0.60"),
        Goal("spread of browInnerUp in plain speech", _number(evaluation.brows), "0.10"),
    ]


def _closures(clips: Sequence[ClipFigures]) -> Closures | None:
    """The network's closures in some clips together."""
    return sum_closures([clip.closures.network for clip in clips]) if clips else None


def _weighted(clips: Sequence[ClipFigures]) -> float | None:
    """The best correlation of the opening, averaged over clips by their length."""
    if not clips:
        return None
    fits = [clip.opening.network.best for clip in clips]
    return float(np.average(fits, weights=[clip.seconds for clip in clips]))


def _mean(values: Sequence[float | None]) -> float | None:
    """The mean of what is known, None where nothing is."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _part(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.0f} %"


def _between(values: Sequence[float], form: str) -> str:
    """From the least to the most of some values."""
    return f"{form.format(min(values)).removesuffix(' %')} to {form.format(max(values))}" if values else "-"
