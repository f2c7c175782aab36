# SPDX-License-Identifier: GPL-3.0-or-later
"""The faces in all pictures of a film, kept in a file, so that a stopped search goes on where it was."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...curves import ARKIT_NAMES
from ...files.atomic import replacing
from ...inference.progress import Report
from .face_tracker import Face, FindFaces
from .film import check_film, pictures

KEEP_EVERY = 1000
"""Pictures after which what was found is kept."""


@dataclass
class FilmFaces:
    """What was found in a film: seconds of each picture on the film's clock, and its faces.

    complete: False while the film was not searched to its end.
    """

    times: list[float]
    faces: list[list[Face]]
    complete: bool = False


def find_film_faces(film: Path, kept: Path, find_faces: FindFaces, report: Report) -> FilmFaces:
    """All faces of a film. Takes from the file `kept` what was found before in the same film, and keeps all there.

    Raises EmoTalkError where the film cannot be read; OSError where `kept` cannot be written.
    """
    found = _read(kept, film)
    if found.complete:
        return found
    seconds = max(check_film(film), 1e-3)
    for count, picture in enumerate(pictures(film, found.times[-1] if found.times else -np.inf), start=1):
        found.times.append(picture.time)
        found.faces.append(find_faces(picture.colors))
        report(f"Looking for faces in {film.name}", min(1.0, picture.time / seconds))
        if count % KEEP_EVERY == 0:
            _write(kept, film, found)
    found.complete = True
    _write(kept, film, found)
    return found


def _identity(film: Path) -> list[int]:
    """What tells a film from another of the same name."""
    about = film.stat()
    return [about.st_size, about.st_mtime_ns]


def _write(kept: Path, film: Path, found: FilmFaces) -> None:
    faces = [face for picture in found.faces for face in picture]
    points = np.array([face.points for face in faces], np.float32)
    scores = np.array([face.scores for face in faces], np.float32)
    with replacing(kept) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            film=np.array(_identity(film), np.int64),
            complete=np.array(found.complete),
            times=np.array(found.times),
            counts=np.array([len(picture) for picture in found.faces], np.int64),
            points=points,
            scores=scores.reshape(len(faces), len(ARKIT_NAMES)),
        )


def _read(kept: Path, film: Path) -> FilmFaces:
    """What was kept of this film; nothing where there is no such file, or it is damaged or another film's."""
    nothing = FilmFaces([], [])
    if not kept.is_file():
        return nothing
    try:
        with np.load(kept, allow_pickle=False) as file:
            if file["film"].tolist() != _identity(film):
                return nothing
            faces = [
                Face(points.astype(np.float64), scores)
                for points, scores in zip(file["points"], file["scores"], strict=True)
            ]
            ends = np.cumsum(file["counts"])
            starts = ends - file["counts"]
            pictures_faces = [faces[start:end] for start, end in zip(starts, ends, strict=True)]
            return FilmFaces(file["times"].tolist(), pictures_faces, bool(file["complete"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return nothing
