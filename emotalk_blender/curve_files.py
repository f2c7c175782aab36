# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves as files: Live Link Face CSV, NumPy array, JSON."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np

from .curves import ARKIT_NAMES, CHANNEL, Curves
from .errors import EmoTalkError
from .files.atomic import replacing

SIDED = ("eyeBlink", "eyeLookDown", "eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeSquint", "eyeWide")
MOUTH = (
    "jawForward jawRight jawLeft jawOpen mouthClose mouthFunnel mouthPucker mouthRight mouthLeft mouthSmileLeft "
    "mouthSmileRight mouthFrownLeft mouthFrownRight mouthDimpleLeft mouthDimpleRight mouthStretchLeft "
    "mouthStretchRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthPressLeft mouthPressRight "
    "mouthLowerDownLeft mouthLowerDownRight mouthUpperUpLeft mouthUpperUpRight browDownLeft browDownRight browInnerUp "
    "browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft cheekSquintRight noseSneerLeft noseSneerRight tongueOut"
)
LIVE_LINK_NAMES: tuple[str, ...] = (
    *(f"{name}Left" for name in SIDED),
    *(f"{name}Right" for name in SIDED),
    *MOUTH.split(),
)
"""The 52 blendshapes in the column order of Live Link Face."""

LIVE_LINK_ROTATIONS = tuple(
    f"{part}{axis}" for part in ("Head", "LeftEye", "RightEye") for axis in ("Yaw", "Pitch", "Roll")
)
"""Columns that Live Link Face records and EmoTalk does not perform; written as 0."""

ENDINGS = (".csv", ".npy", ".json")


def check_ending(path: Path) -> None:
    """Raise EmoTalkError where write_curves knows no format for the file's ending."""
    if path.suffix.lower() not in ENDINGS:
        raise EmoTalkError(f"{path.name} ends in no format that curves are written in; use .csv, .npy or .json.")


def write_curves(curves: Curves, path: Path) -> None:
    """Write curves in the format of the file's ending, all of the file or nothing.

    .csv: Live Link Face (Timecode HH:MM:SS:FF.fff at the curves' rate, BlendshapeCount 61, named columns);
    .npy: float32 [frames, 52] in the order of ARKIT_NAMES; .json: fps, start, names and values.
    Raises EmoTalkError for another ending or a file that cannot be written.
    """
    check_ending(path)
    encode = {".csv": _csv, ".npy": _npy, ".json": _json}[path.suffix.lower()]
    data = encode(curves)
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        raise EmoTalkError(f"{path} cannot be written ({error.strerror}). Choose another place for it.") from error


def timecode(frame: int, fps: float) -> str:
    """HH:MM:SS:FF.fff of a frame, counted at the nearest whole rate as timecode is (23.976 counts to 24)."""
    base = max(1, round(fps))
    seconds, rest = divmod(frame, base)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{rest:02d}.000"


def _csv(curves: Curves) -> bytes:
    """Live Link Face's table."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    names = [name[0].upper() + name[1:] for name in LIVE_LINK_NAMES]
    table.writerow(["Timecode", "BlendshapeCount", *names, *LIVE_LINK_ROTATIONS])
    count = len(LIVE_LINK_NAMES) + len(LIVE_LINK_ROTATIONS)
    still = ["0"] * len(LIVE_LINK_ROTATIONS)
    ordered = curves.values[:, [CHANNEL[name] for name in LIVE_LINK_NAMES]]
    first = round(curves.start * curves.fps)
    for index, row in enumerate(ordered.tolist()):
        table.writerow([timecode(first + index, curves.fps), count, *(f"{value:.8f}" for value in row), *still])
    return text.getvalue().encode()


def _npy(curves: Curves) -> bytes:
    """NumPy's array file."""
    data = io.BytesIO()
    np.save(data, curves.values.astype(np.float32))
    return data.getvalue()


def _json(curves: Curves) -> bytes:
    """An object of fps, start (seconds), names and values [frames][52]."""
    values = [[round(value, 6) for value in row] for row in curves.values.tolist()]
    return json.dumps({"fps": curves.fps, "start": curves.start, "names": ARKIT_NAMES, "values": values}).encode()
