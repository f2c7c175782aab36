# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of an evaluation as a table to read.

Clips of one kind are averaged by their length: a single word says little.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...curves import ARKIT_NAMES
from .closures import Closures, sum_closures
from .emotion_figures import Heard, Shows, mean_shows
from .evaluate import ClipFigures, Evaluation
from .figures import CurveFigures, Follows, mean_figures
from .mesh_error import VertexError, VertexErrors, mean_errors

KINDS = {
    "aligned": "aligned speech, beside the rules",
    "captured": "captures, beside the actors",
    "acted": "acted moods, beside the rules",
    "corpus": "validation clips, beside the rules",
}
_TITLE, _FIRST = 22, 28


def table(evaluation: Evaluation) -> str:
    """The whole evaluation, each kind of clip by itself."""
    lines: list[str] = []
    for kind, title in KINDS.items():
        rows = [row for row in evaluation.clips if row.kind == kind]
        if rows:
            lines += [f"On {title} (From Voice): {_names(rows)}", *_kind_lines(rows), ""]
    lines += _set_lines(mean_shows(evaluation.emotions_set))
    if evaluation.emotions_heard:
        lines += ["", *_heard_lines(evaluation.emotions_heard)]
    return "\n".join(lines) + "\n"


def _names(rows: Sequence[ClipFigures], most: int = 5) -> str:
    """What was judged, with its length."""
    if len(rows) > most:
        return f"{len(rows)} clips, {sum(row.seconds for row in rows) / 60:.1f} min"
    return ", ".join(f"{row.clip} ({row.seconds:.0f} s)" for row in rows)


def _kind_lines(rows: Sequence[ClipFigures]) -> list[str]:
    """The lines of takes of one kind."""
    seconds = [row.seconds for row in rows]
    trembles = [np.average([getattr(row, name) for row in rows], weights=seconds) for name in ("jitter", "true_jitter")]
    lines = [*_curve_lines(rows), *_closure_lines(rows)]
    silent = [row for row in rows if row.jaw_in_silence is not None]
    if silent:
        jaw = np.average([row.jaw_in_silence or 0.0 for row in silent], weights=[row.seconds for row in silent])
        lines.append(f"  {'jawOpen in silence':{_FIRST}s}{jaw:8.3f}")
    lines.append(f"  {'movement above 8 Hz':{_FIRST}s}{trembles[0]:8.3f}   (true {trembles[1]:.3f})")
    return lines + _mesh_lines(rows)


def _curve_lines(rows: Sequence[ClipFigures]) -> list[str]:
    """Correlations, lags and ranges of the opening and each mouth channel; left and right averaged."""
    lines = [
        f"  {'':{_TITLE}s}{'network':^27s}{'loudness':^27s}{'chance':^15s}{'95th percentile':>17s}",
        f"  {'correlation':{_TITLE}s}" + f"{'all':>7s}{'speech':>8s}{'lag':>5s}{'best':>7s}" * 2
        + f"{'all':>7s}{'speech':>8s}{'network':>9s}{'true':>8s}",
    ]  # fmt: skip
    lines.append(_curve_line("opening", [(row.opening, row.seconds) for row in rows]))
    shown: dict[str, list[tuple[CurveFigures, float]]] = {}
    for name in ARKIT_NAMES:
        bare = name.removesuffix("Left").removesuffix("Right")
        title = name if bare in ("mouth", "jaw") else bare
        found = [(row.channels[name], row.seconds) for row in rows if name in row.channels]
        if found:
            shown.setdefault(title, []).extend(found)
    return lines + [_curve_line(title, found) for title, found in shown.items()]


def _curve_line(title: str, rows: Sequence[tuple[CurveFigures, float]]) -> str:
    """One curve's line, from its figures in each take and the take's seconds."""
    mean = mean_figures([figures for figures, _ in rows], [seconds for _, seconds in rows])
    chance = f"{mean.chance.all_frames:7.2f}{mean.chance.speech_frames:8.2f}"
    return (
        f"  {title:{_TITLE}s}{_follows(mean.network)}{_follows(mean.loudness)}{chance}"
        f"{mean.found_95:9.3f}{mean.true_95:8.3f}"
    )


def _follows(row: Follows) -> str:
    return f"{row.all_frames:7.2f}{row.speech_frames:8.2f}{row.lag:5d}{row.best:7.2f}"


def _closure_lines(rows: Sequence[ClipFigures]) -> list[str]:
    phones_known = rows[0].kind != "captured"
    title, truth = ("closures (P B M)", "rules") if phones_known else ("closures (the actors')", "actors")
    lines = [f"  {title:{_FIRST}s}{'closed':>8s}{'chance':>8s}{'false':>8s}{'count':>8s}"]
    for name, found in (
        ("network", [row.closures.network for row in rows]),
        ("loudness", [row.closures.loudness for row in rows]),
        (truth, [row.closures.true for row in rows]),
    ):
        lines.append(f"    {name:{_FIRST - 2}s}{_closures(sum_closures(found))}")
    return lines


def _closures(row: Closures) -> str:
    return f"{100 * row.closed:7.0f}%{100 * row.chance:7.0f}%{100 * row.false:7.0f}%{row.count:8d}"


def _mesh_lines(rows: Sequence[ClipFigures]) -> list[str]:
    """The errors on the mesh, where there is one."""
    found = [row.mesh for row in rows if row.mesh is not None]
    seconds = [row.seconds for row in rows if row.mesh is not None]
    if not found:
        return []
    lines = [f"  {'error in units of the mesh':{_FIRST}s}{'LVE':>8s}{'squared':>9s}{'EVE':>8s}{'squared':>9s}"]
    for name in ("network", "loudness", "chance", "rest"):
        mean: VertexErrors = mean_errors([getattr(row, name) for row in found], seconds)
        lines.append(f"    {name:{_FIRST - 2}s}{_error(mean.lve)}{_error(mean.eve)}")
    return lines


def _error(error: VertexError | None) -> str:
    """A dash where there is none."""
    return f"{'-':>8s}{'-':>9s}" if error is None else f"{error.distance:8.3f}{error.squared:9.3f}"


def _set_lines(shows: Shows) -> list[str]:
    lines = [f"{'Emotion set, intensity 1':{_FIRST + 2}s}{'shown':>8s}{'words':>8s}{'mean':>8s}{'spread':>8s}"]
    return lines + [
        f"  {name:{_FIRST}s}{100 * row.part:7.0f}%{row.words:8.2f}{row.mean:8.2f}{row.liveliness:8.2f}"
        for name, row in shows.items()
    ]


def _heard_lines(heard: Heard) -> list[str]:
    """The confusion of the emotion head, a true emotion a line."""
    names = list(dict.fromkeys([*heard.confusion, *(name for row in heard.confusion.values() for name in row)]))
    lines = [
        f"Emotion heard in {heard.count} voices: right {100 * heard.accuracy:.0f} %, averaged over the emotions "
        f"{100 * heard.mean_recall:.0f} %; always the commonest {100 * heard.commonest:.0f} %",
        f"  {'true, and heard as':{_FIRST}s}" + "".join(f"{name:>9s}" for name in names),
    ]
    for true, row in heard.confusion.items():
        lines.append(f"  {true:{_FIRST}s}" + "".join(f"{row.get(name, 0):9d}" for name in names))
    return lines
