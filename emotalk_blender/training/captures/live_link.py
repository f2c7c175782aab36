# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what Live Link Face records: its table of curves, and the times in it.

The app (Epic Games, for iPhone) writes a folder per take: SLATE_TAKE_SUBJECT.mov with the sound, and the curves as
SLATE_TAKE_SUBJECT.csv or, of a calibrated actor, as _cal.csv, _raw.csv and _neutral.csv. Beside them lie files of its
own (frame_log.csv, take.json, video_metadata.json, thumbnail.jpg ...). The table has a row per frame: Timecode
(HH:MM:SS:FF.fff), BlendShapeCount (61, or 0 and empty columns where no face was seen), the ARKit blendshapes by name,
and the rotations of head and eyes.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...curves import ARKIT_NAMES, CHANNEL, BoolArray, DoubleArray, FloatArray
from ...errors import EmoTalkError

RATE = 60
"""Frames per second of Live Link Face, for takes too short to tell theirs."""

COUNTS = (24, 25, 30, 48, 50, 60, 120, 240)
"""Frames that timecode may count to a second."""

_TIMECODE = re.compile(r"(\d+):(\d+):(\d+)([:;.])(\d+(?:\.\d+)?)")
_DAY = 24 * 3600.0
_COLUMN = {name.lower(): CHANNEL[name] for name in ARKIT_NAMES}


@dataclass(frozen=True)
class Table:
    """The curves of a take as recorded.

    times: seconds since the first row, float64 [rows], rising; rows without a face are left out.
    values: float32 [rows, 52] in the order of ARKIT_NAMES; 0 where the table has no such column.
    present: bool [52], False for blendshapes without a column.
    """

    times: DoubleArray
    values: FloatArray
    present: BoolArray


def is_live_link(path: Path) -> bool:
    """Whether a file is a table of Live Link Face: text whose first line names Timecode and blendshapes."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = {name.strip().lower() for name in next(csv.reader(file), [])}
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    return "timecode" in header and not header.isdisjoint(_COLUMN)


def read_live_link(path: Path) -> Table:
    """Read a table of Live Link Face; columns in any order, names in any case, unknown ones ignored.

    Frames that the phone dropped are gaps in the times. Raises EmoTalkError where the file is no such table, or holds
    no frame with a face.
    """
    if not is_live_link(path):
        raise EmoTalkError(f"{path.name} is no table of Live Link Face. Choose the .csv that the app recorded.")
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = [row for row in csv.reader(file) if row]
    names = [name.strip().lower() for name in header]
    columns = [(place, _COLUMN[name]) for place, name in enumerate(names) if name in _COLUMN]
    clock = names.index("timecode")
    try:
        seconds = _seconds([row[clock] for row in rows])
        seen = [index for index, row in enumerate(rows) if _face(row, columns)]
        recorded = [[float(rows[index][place]) for place, _ in columns] for index in seen]
    except (ValueError, IndexError) as error:
        raise EmoTalkError(f"{path.name} is damaged: {error}. Export the take from Live Link Face again.") from error
    if not seen:
        raise EmoTalkError(f"{path.name} holds no frame in which a face was seen. Leave this take out.")
    values = np.zeros((len(seen), len(ARKIT_NAMES)), np.float32)
    values[:, [channel for _, channel in columns]] = recorded
    present = np.zeros(len(ARKIT_NAMES), np.bool_)
    present[[channel for _, channel in columns]] = True
    times = seconds[seen]
    # A frame that was written twice, or late, has nothing to say about a moment that has passed.
    onward = np.concatenate([[True], times[1:] > np.maximum.accumulate(times)[:-1]])
    return Table(times[onward], values[onward], present)


def _face(row: list[str], columns: list[tuple[int, int]]) -> bool:
    """Whether a row has values; the phone writes rows without any while it sees no face."""
    return any(place < len(row) and row[place].strip() for place, _ in columns)


def _seconds(timecodes: list[str]) -> DoubleArray:
    """Timecodes as seconds since the first of them: float64 [rows]. Raises ValueError for what is no timecode."""
    parts = []
    for text in timecodes:
        match = _TIMECODE.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is no timecode")
        parts.append(match.groups())
    whole = np.array([int(h) * 3600 + int(m) * 60 + int(s) for h, m, s, _, _ in parts], np.float64)
    frame = np.array([float(part[4]) for part in parts])
    count = _count(whole, frame)
    dropping = any(part[3] == ";" for part in parts)
    seconds = _drop_frame(whole, frame, count) if dropping else whole + frame / count
    # Past midnight the count begins anew.
    days = np.cumsum(np.concatenate([[0], np.diff(seconds) < -_DAY / 2]))
    since: DoubleArray = seconds - seconds[:1] + _DAY * days
    return since


def _count(whole: DoubleArray, frame: DoubleArray) -> int:
    """How many frames are counted to a second: the least usual number above all of them, once a second was full."""
    if len(np.unique(whole)) < 3:
        return RATE
    return next((count for count in COUNTS if count > np.floor(frame.max())), COUNTS[-1])


def _drop_frame(whole: DoubleArray, frame: DoubleArray, count: int) -> DoubleArray:
    """Seconds of drop-frame timecode (29.97, 59.94): the first numbers of every minute but each tenth do not exist.

    SMPTE ST 12-1, with the number dropped in proportion to the rate: 2 of 30, 4 of 60.
    """
    minutes = np.floor(whole / 60)
    frames = whole * count + frame - count / 15 * (minutes - np.floor(minutes / 10))
    seconds: DoubleArray = frames * 1.001 / count
    return seconds
