# SPDX-License-Identifier: GPL-3.0-or-later
"""From films of a person who talks to takes: the use case behind `training capture`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from ...curves import FPS, BoolArray, FloatArray, lip_opening
from ...errors import EmoTalkError
from ...files.atomic import replacing
from ...inference.progress import Report
from .captures import SHORTEST, seen_at
from .exact_opening import at_rate
from .face_shapes import CHIN_TIP, MOUTH_CORNERS, FaceShapes, face_shapes
from .face_tracker import FindFaces
from .film import FILMS, check_film
from .landmark_fit import CAPTURED, fitted_curves
from .main_face import main_face
from .movie_sound import read_sound_track
from .person import Person, TrackedFace, find_person, lips_opening, still_head
from .tracking import find_film_faces

SLOWEST = 12.0
"""Pictures a second that a film needs: of a slower one a P may be missing altogether."""

MOST_TURN = np.radians(40)
"""Turned further away, half of a mouth is hidden, and the tracker guesses it."""


@dataclass(frozen=True)
class FilmedFace:
    """A film's person and sound on the clock of its take, which begins where both picture and sound are there.

    start: seconds on the film's clock at which the take begins.
    face: the person's, with times from the start of the take; samples, rate: the sound from there on.
    """

    name: str
    start: float
    face: TrackedFace
    samples: FloatArray
    rate: int


@dataclass(frozen=True)
class Take:
    """The curves of a film at 30 fps from the start of its sound.

    curves: float32 [frames, 52]; seen: bool [frames], False where the person's face was not in the picture or turned
    away; head: pitch, yaw, roll in radians [frames, 3] (see head_pose.pitch_yaw_roll); gap: between the lips, as part
    of the face's height [frames]; touch: bool [frames], where the lips touch. chin: how low it hangs, narrowing: of the
    mouth from corner to corner, both as parts of the face's height, on any zero [frames].
    """

    curves: FloatArray
    seen: BoolArray
    head: FloatArray
    gap: FloatArray
    touch: BoolArray
    chin: FloatArray
    narrowing: FloatArray


@dataclass(frozen=True)
class CapturedFilms:
    """What became of films: their takes (.npz files) by film, and a sentence for each that gave none."""

    takes: dict[Path, Path]
    refused: list[str]


def films_in(paths: Sequence[Path]) -> dict[str, Path]:
    """Films by the name that their take gets: files as given, and all films in folders and below.

    A name that several share is put after that of its folder. Raises EmoTalkError for what does not exist, and where
    there is no film.
    """
    films: list[Path] = []
    for path in paths:
        if not path.exists():
            raise EmoTalkError(f"{path} does not exist. Choose a film, or a folder of films.")
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        films += [file for file in inside if file == path or (file.is_file() and file.suffix.lower() in FILMS)]
    films = list(dict.fromkeys(films))
    if not films:
        raise EmoTalkError(f"{paths[0]} holds no film. Choose a folder with films ({', '.join(FILMS)}).")
    shared = Counter(film.stem for film in films)
    return {film.stem if shared[film.stem] == 1 else f"{film.parent.name}_{film.stem}": film for film in films}


def capture_films(
    films: dict[str, Path], out: Path, speaker: str | None, find_faces: FindFaces, report: Report
) -> CapturedFilms:
    """Write a take for each film: its sound as NAME.flac, its curves as NAME.npz (see write_take).

    speaker: the one person of all of these films; the takes then lie in a folder of that name, and the face at rest is
    found in all of the films together. None: each film is of a person of its own. What was found in a film is kept
    beside the takes, so that a stopped command goes on where it was. Raises EmoTalkError
    for a speaker's name that no folder can have, OSError where `out` cannot be written to.
    """
    if speaker is not None and Path(speaker).name != speaker:
        raise EmoTalkError(f"{speaker!r} is no name of a speaker, for a folder gets it. Leave out slashes and dots.")
    shapes = face_shapes()
    folder = out / speaker if speaker else out
    (folder / "tracked").mkdir(parents=True, exist_ok=True)
    filmed: dict[Path, FilmedFace] = {}
    refused: list[str] = []
    for name, film in films.items():
        try:
            filmed[film] = _filmed(name, film, folder, find_faces, report)
        except EmoTalkError as error:
            refused.append(str(error))
    together = find_person([film.face for film in filmed.values()], shapes) if speaker and filmed else None
    takes: dict[Path, Path] = {}
    for film, filmed_face in filmed.items():
        report("Fitting the face", len(takes) / len(filmed))
        person = together or find_person([filmed_face.face], shapes)
        takes[film] = folder / f"{filmed_face.name}.npz"
        write_take(takes[film], make_take(filmed_face.face, person, shapes), filmed_face)
    return CapturedFilms(takes, refused)


def make_take(face: TrackedFace, person: Person, shapes: FaceShapes) -> Take:
    """The take of a tracked face whose times count from the start of its sound."""
    still = still_head(face, person, shapes)
    opening = lips_opening(still.gap, person)
    curves = at_rate(face.times, fitted_curves(face, still, person, shapes), opening, FPS)
    moments = np.arange(len(curves)) / FPS
    facing = np.abs(still.head[:, 1]) <= MOST_TURN
    chin, *corners = np.moveaxis(still.points[:, shapes.places([CHIN_TIP, *MOUTH_CORNERS[:2]])], 1, 0)
    width = np.linalg.norm(corners[0] - corners[1], axis=1)
    others = np.column_stack([still.head, still.gap, -chin[:, 1] / person.height, -width / person.height])
    steady = np.stack([np.interp(moments, face.times, column) for column in others.T], axis=1).astype(np.float32)
    seen = seen_at(moments, face.times[facing]) if facing.any() else np.zeros(len(moments), np.bool_)
    gap, chin_low, narrowing = steady[:, 3:].T
    return Take(curves, seen, steady[:, :3], gap, lip_opening(curves) == 0, chin_low, narrowing)


def write_take(path: Path, take: Take, filmed: FilmedFace) -> None:
    """Write a take as two files: its sound (FLAC), and an .npz of arrays.

    curves, captured (bool [52], which channels a film shows), seen, head, gap, lips_touch, chin, narrowing as in Take;
    fps; film_start: seconds on the film's clock at which the take begins; film_face: the middle (x, y) and the size of
    the face in pixels of the film, as they are most of the time. Raises OSError where they cannot be written.
    """
    flat = filmed.face.points[:, :, :2]
    low, high = flat.min(axis=1), flat.max(axis=1)
    place = np.median(np.column_stack([(low + high) / 2, (high - low).max(axis=1)]), axis=0)
    with replacing(path.with_suffix(".flac")) as temporary:
        soundfile.write(temporary, filmed.samples, filmed.rate, format="FLAC")
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            curves=take.curves,
            captured=CAPTURED,
            seen=take.seen,
            head=take.head,
            gap=take.gap,
            lips_touch=take.touch,
            chin=take.chin,
            narrowing=take.narrowing,
            fps=np.array(FPS),
            film_start=np.array(filmed.start),
            film_face=place,
        )


def _filmed(name: str, film: Path, folder: Path, find_faces: FindFaces, report: Report) -> FilmedFace:
    """The person and the sound of a film. Raises EmoTalkError for a film from which nothing can be learned."""
    check_film(film)
    sound = read_sound_track(film)
    found = find_film_faces(film, folder / "tracked" / f"{name}.npz", find_faces, report)
    between = np.diff(found.times)
    if not len(between) or np.median(between) > 1 / SLOWEST:
        raise EmoTalkError(
            f"{film.name} has fewer than {SLOWEST:.0f} pictures a second. Film it anew, with 25 or more."
        )
    start = max(found.times[0], sound.start)
    end = min(found.times[-1] + float(np.median(between)), sound.end)
    if end - start < SHORTEST:
        raise EmoTalkError(f"{film.name} has less than a second with both picture and sound. Leave it out.")
    face = main_face(found.times, found.faces)
    if face is None:
        raise EmoTalkError(f"{film.name} shows no face that the tracker finds. Film the face from the front, in light.")
    inside = (face.times >= start) & (face.times <= end)
    face = TrackedFace(face.times[inside] - start, face.points[inside], face.scores[inside])
    if inside.sum() * float(np.median(between)) < SHORTEST:
        raise EmoTalkError(f"{film.name} shows the face for less than a second while there is sound. Leave it out.")
    samples = sound.since(start)
    return FilmedFace(name, start, face, samples.samples[: round((end - start) * samples.rate)], samples.rate)
