# SPDX-License-Identifier: GPL-3.0-or-later
"""Captured performances: sound, and the curves of a face beside it.

A take is a sound or movie file and curves under the same name: NAME.csv of Live Link Face (NAME_cal.csv or NAME_raw.csv
of a calibrated actor), or NAME.npz or NAME.npy of floats [frames, 52] at 30 fps in the order of ARKIT_NAMES. Sound and
curves of a take begin together: the first row of a table is at the first sample of the sound, whatever its timecode
says. NAME.TextGrid, where there is one, has its phones.

An .npz holds the array `curves`, and may hold `captured`, bool [52], False for channels that were not captured, and
`seen`, bool [frames], False where no face was; what else it holds is passed over (see film_takes.write_take). A face
that is out of sight for longer than LOST_SECONDS cuts its take in two: nothing is learned from what nobody saw.

The speaker of a take is the folder that it lies in. There, or in a folder above, trust.json may say how far channels
can be trusted: {"mouthFunnel": 0.5, ...}, 0 to 1 for names of ARKIT_NAMES; those that it doesn't name have 1.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ...curves import ARKIT_NAMES, CHANNEL, FPS, SAMPLE_RATE, BoolArray, DoubleArray, FloatArray
from ...errors import EmoTalkError
from ...inference.audio import read_sound, to_network_samples
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

LOST_SECONDS = 0.25
"""Seconds without a face that are bridged; longer ones cut a take."""

_FILTER_REACH = 8


def _full_trust() -> FloatArray:
    return np.ones(len(ARKIT_NAMES), np.float32)


@dataclass(frozen=True)
class Capture:
    """A captured performance.

    name: the name of its files, with the folder where a name is used twice, and with .1, .2 ... where a take was cut.
    samples: sound, float32 [count], 16 kHz mono.
    curves: float32 [frames, 52], 30 fps, order of ARKIT_NAMES, within [0, 1]; frame t is t / 30 s into the sound,
    and sound and curves end together (within half a sample).
    captured: bool [52]; False for channels that were not captured (no column in the table, not said to be captured, or
    one that moves in none of the takes read together): they are no zeros to learn, and are to be masked.
    speaker: who was captured; phones: what was said, without gaps over all of the sound, none where nobody noted it.
    trust: float32 [52], how far each channel follows the face, 0 to 1.
    """

    name: str
    samples: FloatArray
    curves: FloatArray
    captured: BoolArray
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
        captures += _read(name, sound, curves, _trust(sound.parent, folder))
    # A tongue that rests in one take and shows in another was captured in both.
    moving = np.any([capture.curves.std(axis=0) > MOVING for capture in captures], axis=0)
    captures = [replace(capture, captured=capture.captured & moving) for capture in captures]
    return sorted(captures, key=lambda capture: capture.name)


def resampled(times: DoubleArray, values: FloatArray) -> FloatArray:
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


def _read(name: str, sound: Path, file: Path, trust: FloatArray) -> list[Capture]:
    """The take of a sound and a curve file, in pieces where the face was lost."""
    recording = read_movie_sound(sound) if sound.suffix.lower() in MOVIES else read_sound(sound)
    samples = to_network_samples(recording)
    if file.suffix.lower() == ".csv":
        table = read_live_link(file)
        curves, present = resampled(table.times, table.values), table.present
        seen = seen_at(np.arange(len(curves)) / FPS, table.times)
    else:
        curves, present, seen = _arrays(file)
    if not np.isfinite(curves).all() or curves.min() < -1 or curves.max() > 2:
        raise EmoTalkError(f"{file.name} holds values that are no blendshape weights (0 to 1). Export the take again.")
    frames = min(len(curves), len(samples) * FPS // SAMPLE_RATE)
    curves = np.clip(curves[:frames], 0, 1)
    runs = [(first, last) for first, last in _runs(seen[:frames]) if last - first >= SHORTEST * FPS]
    if not runs:
        raise EmoTalkError(f"{name} has less than a second of sound with curves. Leave this take out.")
    names = [name] if runs == [(0, frames)] else [f"{name}.{number}" for number in range(1, len(runs) + 1)]
    spoken = _phones(sound)
    return [
        Capture(
            piece,
            _sound_of(samples, first, last),
            curves[first:last],
            present,
            speaker=sound.absolute().parent.name,
            phones=_phones_between(spoken, first / FPS, last / FPS),
            trust=trust,
        )
        for piece, (first, last) in zip(names, runs, strict=True)
    ]


def _phones(sound: Path) -> list[Phone]:
    """The phones of a take, where a TextGrid beside it has them."""
    grid = sound.with_suffix(".TextGrid")
    return read_textgrid(grid) if grid.is_file() else []


def _phones_between(phones: list[Phone], start: float, end: float) -> list[Phone]:
    """The phones of a stretch, without gaps from 0 to its length; none where there are none at all."""
    inside = [
        replace(phone, start=max(phone.start - start, 0.0), end=phone.end - start)
        for phone in phones
        if phone.end > start and phone.start < end
    ]
    return tidy(inside, end - start) if phones else []


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


def seen_at(moments: DoubleArray, times: DoubleArray) -> BoolArray:
    """Whether a face was there at each moment, bool [moments], if it was seen at these times (rising, at least one)."""
    after = np.searchsorted(times, moments)
    left, right = times[np.maximum(after - 1, 0)], times[np.minimum(after, len(times) - 1)]
    beside = np.minimum(np.abs(moments - left), np.abs(moments - right)) <= 0.5 / FPS + 1e-6
    inside = (left <= moments) & (moments <= right) & (right - left <= LOST_SECONDS + 1e-6)
    begins = (moments <= times[0]) & (times[0] <= LOST_SECONDS + 1e-6)
    seen: BoolArray = beside | inside | begins
    return seen


def _runs(mask: BoolArray) -> list[tuple[int, int]]:
    """Where a mask [frames] is True without a break: first frames, and those after the last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _sound_of(samples: FloatArray, first: int, last: int) -> FloatArray:
    """The sound of the frames from `first` to before `last`."""
    return samples[round(first * SAMPLE_RATE / FPS) : round(last * SAMPLE_RATE / FPS)]


def _arrays(file: Path) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Curves of a NumPy file, float32 [frames, 52], which channels are captured [52], and which frames are seen."""
    captured, seen = None, None
    try:
        data = np.load(file, allow_pickle=False)
        if isinstance(data, np.lib.npyio.NpzFile):
            with data:
                curves = np.asarray(data["curves"], np.float32)
                captured = np.asarray(data["captured"], np.bool_) if "captured" in data else None
                seen = np.asarray(data["seen"], np.bool_) if "seen" in data else None
        else:
            curves = np.asarray(data, np.float32)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise EmoTalkError(f"{file.name} holds no array of curves. Write floats [frames, 52] at 30 fps.") from error
    if curves.ndim != 2 or curves.shape[1] != len(ARKIT_NAMES) or len(curves) == 0:
        shape = list(curves.shape)
        raise EmoTalkError(f"{file.name} holds curves {shape}. Write [frames, 52] in EmoTalk's order of names.")
    captured = np.ones(len(ARKIT_NAMES), np.bool_) if captured is None else captured
    seen = np.ones(len(curves), np.bool_) if seen is None else seen
    if captured.shape != (len(ARKIT_NAMES),) or seen.shape != (len(curves),):
        raise EmoTalkError(f"{file.name} says of other channels or frames what it saw. Capture the film again.")
    return curves, captured, seen
