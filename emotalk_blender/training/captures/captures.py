# SPDX-License-Identifier: GPL-3.0-or-later
"""Captured performances: sound, and the curves of a face beside it.

A take is a sound or movie file and curves under the same name: NAME.csv of Live Link Face (NAME_cal.csv or NAME_raw.csv
of a calibrated actor), or NAME.npz (its array `curves`) or NAME.npy of floats [frames, 52] at 30 fps in the order of
ARKIT_NAMES. Sound and curves of a take begin together: the first row of a table is at the first sample of the sound,
whatever its timecode says. NAME.TextGrid, where there is one, has its phones.

The speaker of a take is the folder that it lies in. There, or in a folder above, trust.json may say how far channels
can be trusted: {"mouthFunnel": 0.5, ...}, 0 to 1 for names of ARKIT_NAMES; those that it doesn't name have 1.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...curves import ARKIT_NAMES, CHANNEL, SAMPLE_RATE, FloatArray
from ...errors import EmoTalkError
from ...inference.audio import read_sound, to_network_samples
from ..rules.loudness import FPS
from ..rules.phones import Phone, tidy
from ..speech.textgrids import read_textgrid
from .live_link import is_live_link, read_live_link
from .movie_sound import MOVIES, read_movie_sound

SOUNDS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aif", ".aiff")
"""Endings of sound files; they go before a movie of the same name."""

CURVE_FILES = (".csv", ".npz", ".npy")
"""Endings of curves; of several under one name, the first of these counts."""

CALIBRATED = ("", "_cal", "_raw")
"""What Live Link Face adds to the name of a table; the first that exists counts."""

MOVING = 1e-4
"""Standard deviation above which a channel has been captured."""

SHORTEST = 1.0
"""Seconds that a take needs at least."""

_FILTER_REACH = 8


def _full_trust() -> FloatArray:
    return np.ones(len(ARKIT_NAMES), np.float32)


@dataclass(frozen=True)
class Capture:
    """A captured performance.

    name: the name of its files, with the folder where a name is used twice.
    samples: sound, float32 [count], 16 kHz mono.
    curves: float32 [frames, 52], 30 fps, order of ARKIT_NAMES, within [0, 1]; frame t is t / 30 s into the sound,
    and sound and curves end together (within half a sample).
    captured: bool [52]; False for channels that were not captured (no column in the table, or one that moves in none of
    the takes read together): they are no zeros to learn, and are to be masked.
    speaker: who was captured; phones: what was said, without gaps over all of the sound, none where nobody noted it.
    trust: float32 [52], how far each channel follows the face, 0 to 1.
    """

    name: str
    samples: FloatArray
    curves: FloatArray
    captured: npt.NDArray[np.bool_]
    speaker: str = ""
    phones: list[Phone] = field(default_factory=list)
    trust: FloatArray = field(default_factory=_full_trust)


def read_captures(path: Path) -> list[Capture]:
    """All takes of a folder and its subfolders, sorted by name, or the one take that a file belongs to.

    Files that belong to no take are passed over. Raises EmoTalkError where there is no take, or one is broken: no
    sound in its file, damaged curves, other than 52 columns, values far outside [0, 1], less than a second.
    """
    if not path.exists():
        raise EmoTalkError(f"{path} does not exist. Choose a folder of takes, or one of a take's files.")
    if path.is_dir():
        folder = path
        pairs = _takes(sorted(file for file in path.rglob("*") if file.is_file()))
    else:
        folder = path.parent
        pairs = [pair for pair in _takes(sorted(path.parent.iterdir())) if path in pair]
    if not pairs:
        raise EmoTalkError(
            f"{path} holds no take: sound (or a movie) and Live Link Face's .csv, or .npz or .npy, under the same name."
        )
    stems = [sound.stem for sound, _ in pairs]
    captures = []
    for sound, curves in pairs:
        twice = stems.count(sound.stem) > 1
        name = sound.relative_to(folder).with_suffix("").as_posix() if twice else sound.stem
        capture = _read(name, sound, curves)
        captures.append(replace(capture, phones=_phones(sound, capture), trust=_trust(sound.parent, folder)))
    # A tongue that rests in one take and shows in another was captured in both.
    moving = np.any([capture.curves.std(axis=0) > MOVING for capture in captures], axis=0)
    captures = [replace(capture, captured=capture.captured & moving) for capture in captures]
    return sorted(captures, key=lambda capture: capture.name)


def resampled(times: npt.NDArray[np.float64], values: FloatArray) -> FloatArray:
    """Curves at 30 fps from time 0 to the last of `times`: float32 [frames, columns].

    times: seconds, float64 [rows], rising; values: [rows, columns]. Between rows (and over dropped frames) the values
    go in lines; before the first they are held. Faster curves pass a low-pass at 15 Hz (windowed sinc), so that
    nothing folds back.
    """
    step = float(np.median(np.diff(times))) if len(times) > 1 else 1 / FPS
    factor = max(1, round(1 / (step * FPS)))
    count = int(np.floor(times[-1] * FPS + 1e-6)) + 1
    grid = np.arange((count - 1) * factor + 1) / (FPS * factor)
    fine = np.stack([np.interp(grid, times, column) for column in values.T], axis=1)
    if factor == 1:
        return fine.astype(np.float32)
    reach = _FILTER_REACH * factor // 2
    place = np.arange(-reach, reach + 1)
    kernel = np.sinc(place / factor) * np.hamming(2 * reach + 1)
    padded = np.pad(fine, ((reach, reach), (0, 0)), mode="edge")
    smooth = np.stack([np.convolve(column, kernel / kernel.sum(), "valid") for column in padded.T], axis=1)
    return smooth[::factor].astype(np.float32)


def _takes(files: list[Path]) -> list[tuple[Path, Path]]:
    """Pairs of a sound and a curve file, one for each name in a folder that has both."""
    existing = set(files)
    heard: dict[Path, Path] = {}
    for ending in (*SOUNDS, *MOVIES):
        for file in files:
            if file.suffix.lower() == ending:
                heard.setdefault(file.with_suffix(""), file)
    pairs = []
    for stem, sound in sorted(heard.items()):
        tables = [stem.with_name(stem.name + added + ".csv") for added in CALIBRATED]
        arrays = [stem.with_name(stem.name + ending) for ending in CURVE_FILES[1:]]
        named = [table for table in tables if table in existing and is_live_link(table)]
        named += [array for array in arrays if array in existing]
        if named:
            pairs.append((sound, named[0]))
    return pairs


def _read(name: str, sound: Path, file: Path) -> Capture:
    """The take of a sound and a curve file, where all channels that it tells of count as captured."""
    recording = read_movie_sound(sound) if sound.suffix.lower() in MOVIES else read_sound(sound)
    samples = to_network_samples(recording)
    if file.suffix.lower() == ".csv":
        table = read_live_link(file)
        curves = resampled(table.times, table.values)
        present = table.present
    else:
        curves = _array(file)
        present = np.ones(len(ARKIT_NAMES), np.bool_)
    if not np.isfinite(curves).all() or curves.min() < -1 or curves.max() > 2:
        raise EmoTalkError(f"{file.name} holds values that are no blendshape weights (0 to 1). Export the take again.")
    frames = min(len(curves), len(samples) * FPS // SAMPLE_RATE)
    if frames < SHORTEST * FPS:
        raise EmoTalkError(f"{name} has less than a second of sound with curves. Leave this take out.")
    curves = np.clip(curves[:frames], 0, 1)
    return Capture(name, samples[: round(frames * SAMPLE_RATE / FPS)], curves, present, sound.absolute().parent.name)


def _phones(sound: Path, capture: Capture) -> list[Phone]:
    """The phones of a take, where a TextGrid beside it has them."""
    grid = sound.with_suffix(".TextGrid")
    seconds = len(capture.samples) / SAMPLE_RATE
    return tidy([phone for phone in read_textgrid(grid) if phone.start < seconds], seconds) if grid.is_file() else []


def _trust(folder: Path, top: Path) -> FloatArray:
    """How far the channels of a folder's takes can be trusted: trust.json there or in a folder above, up to `top`."""
    trust = _full_trust()
    path = folder / "trust.json"
    if not path.is_file():
        return trust if folder == top else _trust(folder.parent, top)
    try:
        for name, value in json.loads(path.read_text(encoding="utf-8")).items():
            trust[CHANNEL[name]] = float(value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EmoTalkError(f'{path} is broken. Write {{"mouthFunnel": 0.5}}, with names of ARKit.') from error
    if not ((trust >= 0) & (trust <= 1)).all():
        raise EmoTalkError(f"{path} has values that are not from 0 to 1. Mend them.")
    return trust


def _array(file: Path) -> FloatArray:
    """Curves of a NumPy file: float32 [frames, 52]."""
    try:
        data = np.load(file, allow_pickle=False)
        curves = data["curves"] if isinstance(data, np.lib.npyio.NpzFile) else data
        curves = np.asarray(curves, np.float32)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise EmoTalkError(f"{file.name} holds no array of curves. Write floats [frames, 52] at 30 fps.") from error
    if curves.ndim != 2 or curves.shape[1] != len(ARKIT_NAMES) or len(curves) == 0:
        shape = list(curves.shape)
        raise EmoTalkError(f"{file.name} holds curves {shape}. Write [frames, 52] in EmoTalk's order of names.")
    return curves
