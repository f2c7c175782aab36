# SPDX-License-Identifier: GPL-3.0-or-later
"""The command fit-rules: the articulation rules learn from captured faces whose phones are known.

The captures are a folder with one folder for each speaker, each with takes (see captures.py) and their phones beside
them (see phone_files.py); takes of one speaker may lie in the folder itself. The rules are judged on speakers that were
kept out, and on words that were kept out as well: every fifth word of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...curves import FPS, FloatArray, lip_opening
from ...errors import EmoTalkError
from ...inference.progress import Report
from ..captures.captures import SOUNDS, read_captures
from ..captures.movie_sound import MOVIES
from ..evaluation.figures import correlation
from ..rules.articulation import articulate
from ..rules.articulation_table import Table, default_table, write_table
from ..rules.fitting import CHANNELS, FitSettings, SpokenCapture, channel_values, fit, reaching
from ..rules.loudness import loudness
from ..rules.phones import SILENCE
from ..speech.phone_files import PHONE_FILES, read_phones

WORD_EVERY = 5
"""Every fifth word of the vocabulary is kept out once."""
MOST_TAKES = 100
"""Takes of a speaker that are fitted to, spread over all: more of the same tells little more."""

USUAL = FitSettings()


@dataclass(frozen=True)
class SpokenTake:
    """A captured take with its phones and, where they are known, its words with start and end in seconds."""

    name: str
    capture: SpokenCapture
    words: list[tuple[str, float, float]]


@dataclass(frozen=True)
class RulesFigures:
    """How well rules follow faces in the frames of speech: correlation by channel (and of the opening), 0 where a
    channel was not captured, and how far they go (95th percentile).
    """

    correlation: dict[str, float]
    reach: dict[str, float]


@dataclass(frozen=True)
class FittedRules:
    """The fitted table and its figures, before and after: on the speakers that were kept out, and on the words that
    were (by these and by the other speakers; None where nobody noted words).
    """

    table: Table
    fitted_to: list[str]
    held_out: list[str]
    held_words: list[str]
    speakers: tuple[RulesFigures, RulesFigures]
    words: tuple[RulesFigures, RulesFigures] | None
    words_of_held_out: tuple[RulesFigures, RulesFigures] | None


def fit_rules(
    folder: Path,
    out: Path,
    held_out: Sequence[str] = (),
    settings: FitSettings = USUAL,
    report: Report | None = None,
) -> FittedRules:
    """Fit the rules that come along to the captures of a folder, and write the table to `out`.

    held_out: speakers that are only judged on; the last by name where none is given. Raises EmoTalkError where there
    are no captures with phones, or not two speakers.
    """
    takes = read_spoken_takes(folder)
    speakers = sorted({take.capture.speaker for take in takes})
    if len(speakers) < 2:
        raise EmoTalkError(f"{folder} has takes of one speaker. Give each of two or more speakers a folder of his own.")
    unknown = sorted(set(held_out) - set(speakers))
    if unknown:
        raise EmoTalkError(f"{folder} has no speaker {', '.join(unknown)}. It has {', '.join(speakers)}.")
    kept = sorted(set(held_out)) or speakers[-1:]
    judged = [take for take in takes if take.capture.speaker in kept]
    learnt = _evenly([take for take in takes if take.capture.speaker not in kept])
    if not learnt:
        raise EmoTalkError("All speakers are held out. Leave one of them to learn from.")
    before = default_table()
    if report:
        report("Fitting the rules", 0.0)
    table = _fitted(learnt, before, settings)
    words = sorted({word for take in takes for word, _, _ in take.words})[::WORD_EVERY]
    on_words = on_held_out = None
    if words:
        if report:
            report("Fitting the rules without some words", 0.5)
        without = _fitted([_with_words(take, words, keep=False) for take in learnt], before, settings)
        only = [_with_words(take, words, keep=True) for take in learnt]
        only_judged = [_with_words(take, words, keep=True) for take in judged]
        on_words = (judge(only, before), judge(only, without))
        on_held_out = (judge(only_judged, before), judge(only_judged, without))
    fitted = sorted({take.capture.speaker for take in learnt})
    table = replace(table, about=_about(learnt, fitted))
    write_table(out, table)
    return FittedRules(table, fitted, kept, words, (judge(judged, before), judge(judged, table)), on_words, on_held_out)


def read_spoken_takes(folder: Path) -> list[SpokenTake]:
    """All takes of a folder that have phones, by speaker and name. Raises EmoTalkError where there are none."""
    if not folder.is_dir():
        raise EmoTalkError(f"{folder} is no folder. Choose one with a folder of takes for each speaker.")
    takes = []
    for place in [place for place in sorted(folder.iterdir()) if place.is_dir()] or [folder]:
        for sound in sorted(file for file in place.rglob("*") if file.suffix.lower() in (*SOUNDS, *MOVIES)):
            if any(sound.with_suffix(ending).is_file() for ending in PHONE_FILES):
                takes += _spoken_take(place.name, sound)
    if not takes:
        raise EmoTalkError(
            f"{folder} holds no takes with phones. Put NAME.json, NAME.TextGrid or NAME.txt beside NAME's sound."
        )
    return takes


def _spoken_take(speaker: str, sound: Path) -> list[SpokenTake]:
    """The take of a sound with its phones, or nothing where its text does not fit."""
    (capture,) = read_captures(sound)
    noted = read_phones(sound, capture.samples)
    if noted is None:
        return []
    level = loudness(capture.samples, noted.phones)
    weight = np.ones(len(capture.curves), np.float32)
    return [SpokenTake(capture.name, SpokenCapture(speaker, noted.phones, level, capture.curves, weight), noted.words)]


def judge(takes: Sequence[SpokenTake], table: Table) -> RulesFigures:
    """How well the rules with these numbers follow the faces of some takes, where they count and are not silent."""
    pairs = [_compared(take.capture, table) for take in takes]
    found, true = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    names = [*CHANNELS, "opening"]
    if len(found) < 2:
        return RulesFigures(dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0))
    return RulesFigures(
        {name: correlation(found[:, place], true[:, place]) for place, name in enumerate(names)},
        {name: float(np.percentile(found[:, place], 95)) for place, name in enumerate(names)},
    )


def table_text(fitted: FittedRules) -> str:
    """The figures as text to read."""
    lines = [
        f"fitted to {', '.join(fitted.fitted_to)}; speakers held out: {', '.join(fitted.held_out)}",
        f"words held out: {', '.join(fitted.held_words) or 'none are noted'}",
        f"{'correlation in speech':22s}{'speakers':>18s}{'words':>18s}{'both':>18s}{'95th percentile':>18s}",
        f"{'':22s}" + f"{'before':>9s}{'after':>9s}" * 4,
    ]
    before, after = fitted.speakers
    for name in before.correlation:
        cells = []
        for pair in (fitted.speakers, fitted.words, fitted.words_of_held_out):
            cells += [f"{figures.correlation[name]:9.2f}" for figures in pair] if pair else [f"{'-':>9s}"] * 2
        reach = f"{before.reach[name]:9.2f}{after.reach[name]:9.2f}"
        lines.append(f"  {name:20s}{''.join(cells)}{reach}")
    return "\n".join(lines) + "\n"


def _fitted(takes: Sequence[SpokenTake], table: Table, settings: FitSettings) -> Table:
    """The table fitted to some takes, reaching as far as real faces."""
    captures = [take.capture for take in takes]
    return reaching(captures, fit(captures, table, settings))


def _compared(capture: SpokenCapture, table: Table) -> tuple[FloatArray, FloatArray]:
    """Channels and opening by the rules and of the face, [frames, channels + 1] each, in counted frames of speech."""
    curves = articulate(capture.phones, capture.level, table).curves[: len(capture.curves)]
    speaking = np.zeros(len(curves), bool)
    for phone in capture.phones:
        if phone.name != SILENCE:
            speaking[round(phone.start * FPS) : round(phone.end * FPS)] = True
    speaking &= capture.weight[: len(curves)] > 0
    found, true = (
        np.column_stack([channel_values(values), lip_opening(values)])[speaking]
        for values in (curves, capture.curves[: len(curves)])
    )
    return found, true


def _with_words(take: SpokenTake, words: Sequence[str], keep: bool) -> SpokenTake:
    """The take with weight in these words alone, or everywhere else."""
    inside = np.zeros(len(take.capture.curves), bool)
    for word, start, end in take.words:
        if word in words:
            inside[round(start * FPS) : round(end * FPS)] = True
    weight = take.capture.weight * (inside if keep else ~inside)
    return replace(take, capture=replace(take.capture, weight=weight.astype(np.float32)))


def _evenly(takes: Sequence[SpokenTake]) -> list[SpokenTake]:
    """At most MOST_TAKES of each speaker, and speakers with many weighed so that they count by the root of it."""
    chosen = []
    for speaker in sorted({take.capture.speaker for take in takes}):
        own = [take for take in takes if take.capture.speaker == speaker]
        own = [own[round(place)] for place in np.linspace(0, len(own) - 1, min(len(own), MOST_TAKES))]
        share = np.float32(len(own) ** -0.5)
        chosen += [replace(take, capture=replace(take.capture, weight=take.capture.weight * share)) for take in own]
    return chosen


def _about(takes: Sequence[SpokenTake], speakers: Sequence[str]) -> str:
    """What a table was fitted to, for people to read."""
    minutes = sum(len(take.capture.curves) for take in takes) / FPS / 60
    return f"Fitted with fit-rules to {len(takes)} captured takes ({minutes:.0f} minutes) of {', '.join(speakers)}."
