# SPDX-License-Identifier: GPL-3.0-or-later
"""A film of a video beside the EmoTalk Face doing the same, for the eye."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile

from ...curves import DoubleArray
from ...errors import EmoTalkError
from ...files.atomic import replacing
from ...inference.progress import Report
from .film import Image, pictures
from .preview_face import draw, preview_face

HEIGHT = 360
SHOWN = 1.5
"""Size of what is shown of the video, in sizes of the face."""
UNSEEN = 0.35
"""How bright the face is where the person's was not seen."""


def write_preview(film: Path, take: Path, preview: Path, report: Report) -> None:
    """Write a film (MP4, H.264) of a video and the face of its take beside it, with the take's sound.

    take: the .npz that film_takes.write_take wrote of this film. Raises EmoTalkError where PyAV is missing or cannot
    encode; OSError where the film cannot be written.
    """
    try:
        import av
    except ImportError as error:
        raise EmoTalkError("Writing previews needs the Python package av. Install the training extra.") from error
    with np.load(take, allow_pickle=False) as file:
        curves, seen = file["curves"], file["seen"]
        fps, start, place = int(file["fps"]), float(file["film_start"]), file["film_face"]
    samples, rate = soundfile.read(take.with_suffix(".flac"), dtype="float32")
    face = preview_face()
    with replacing(preview) as temporary, av.open(str(temporary), "w", format="mp4") as movie:
        beside = _pictures_at(film, start + np.arange(len(curves)) / fps)
        track = sound = None
        for number, colors in enumerate(beside):
            video = _close_up(colors, place)
            drawn = draw(face, curves[number], HEIGHT) * (1.0 if seen[number] else UNSEEN)
            frame = av.VideoFrame.from_ndarray(np.hstack([video, drawn.astype(np.uint8)]), format="rgb24")
            if track is None:
                track = movie.add_stream("libx264", rate=fps)
                track.width, track.height, track.pix_fmt = frame.width, frame.height, "yuv420p"
                sound = movie.add_stream("aac", rate=rate, layout="mono")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            movie.mux(track.encode(frame))
            report(f"Drawing the preview of {film.name}", (number + 1) / len(curves))
        if track is None or sound is None:
            raise EmoTalkError(f"{film.name} has no picture at the time of its take. Capture it again.")
        movie.mux(track.encode(None))
        whole = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
        whole.sample_rate, whole.pts = rate, 0
        for part in av.AudioResampler("fltp", "mono", rate, frame_size=1024).resample(whole):
            movie.mux(sound.encode(part))
        movie.mux(sound.encode(None))


def _pictures_at(film: Path, moments: DoubleArray) -> Iterator[Image]:
    """The picture that is shown at each moment of the film's clock (rising)."""
    shown = None
    waiting = list(moments)
    for picture in pictures(film):
        while waiting and waiting[0] < picture.time - 1e-6:
            yield picture.colors if shown is None else shown
            waiting.pop(0)
        shown = picture.colors
    if shown is not None:
        yield from (shown for _ in waiting)


def _close_up(colors: Image, place: DoubleArray) -> Image:
    """The square around a face, [HEIGHT, HEIGHT, 3], by the nearest pixels; black outside of the picture.

    place: the middle (x, y) and the size of the face, in pixels.
    """
    height, width = colors.shape[:2]
    spread = ((np.arange(HEIGHT) + 0.5) / HEIGHT - 0.5) * SHOWN * place[2]
    columns, rows = (np.floor(middle + spread).astype(np.intp) for middle in place[:2])
    picture: Image = colors[np.clip(rows, 0, height - 1)][:, np.clip(columns, 0, width - 1)]
    picture[(rows < 0) | (rows >= height)] = 0
    picture[:, (columns < 0) | (columns >= width)] = 0
    return picture
