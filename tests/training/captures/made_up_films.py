# SPDX-License-Identifier: GPL-3.0-or-later
"""Films of nobody: gray pictures whose brightness tells what a stand-in for the tracker is to find in them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from emotalk_blender.curves import CHANNEL
from emotalk_blender.training.captures.face_tracker import Face

from .made_up_faces import JAW, landmarks

NOBODY = 0
"""Brightness of a picture without a face."""

DARK, BRIGHT = 60, 200
"""Brightness of a shut mouth, and of one with a jaw at 0.4."""

RATE = 48000


def brightness(jaw: np.ndarray) -> np.ndarray:
    """Pictures' brightness for a jaw [frames]."""
    return DARK + (BRIGHT - DARK) * np.asarray(jaw) / 0.4


def find_faces(colors: np.ndarray) -> list[Face]:
    """The stand-in: a face whose jaw is as open as the left half of the picture is bright, and one in the right half,
    half as large, if that is bright too."""
    faces = []
    wide = colors.shape[1] // 2
    for half, size in ((colors[:, :wide], 8.0), (colors[:, wide:], 4.0)):
        level = float(half.mean())
        if level < DARK / 2:
            continue
        jaw = 0.4 * np.clip((level - DARK) / (BRIGHT - DARK), 0, 1)
        weights = np.zeros((1, 52))
        weights[0, JAW] = jaw if jaw > 0.01 else 0
        points = landmarks(weights)[0] * size * np.array([1.0, -1.0, -1.0])
        scores = np.zeros(52, np.float32)
        scores[CHANNEL["jawOpen"]] = jaw
        faces.append(Face(points + np.array([100.0 if size > 6 else 300.0, 100.0, 0.0]), scores))
    return faces


def write_film(
    path: Path,
    left: np.ndarray,
    times: np.ndarray,
    right: float = NOBODY,
    sound_from: float | None = 0.0,
) -> Path:
    """A film of pictures this bright [frames] at these times (seconds), and a tone that swells with the left half's.

    sound_from: when the sound begins, in which 0 is the sound of the moment 0; None: no sound.
    """
    import av

    with av.open(str(path), "w") as movie:
        video = movie.add_stream("libx264", rate=60)
        video.width, video.height, video.pix_fmt = 128, 64, "yuv420p"
        video.codec_context.time_base = video.time_base = Fraction(1, 12000)
        video.options = {"crf": "1", "preset": "ultrafast", "tune": "zerolatency"}
        codec = "flac" if path.suffix == ".mkv" else "aac"
        audio = movie.add_stream(codec, rate=RATE, layout="mono") if sound_from is not None else None
        for level, time in zip(left, times, strict=True):
            colors = np.full((64, 128, 3), np.uint8(round(float(level))))
            colors[:, 64:] = np.uint8(round(right))
            frame = av.VideoFrame.from_ndarray(colors, format="rgb24")
            frame.pts, frame.time_base = round(time * 12000), Fraction(1, 12000)
            movie.mux(video.encode(frame))
        movie.mux(video.encode(None))
        if audio is not None and sound_from is not None:
            moments = np.arange(round(sound_from * RATE), round((times[-1] + 0.02) * RATE)) / RATE
            swell = np.interp(moments, times, left) / 255
            wave = (0.5 * swell * np.sin(2 * np.pi * 300 * moments)).astype(np.float32)
            for start in range(0, len(wave) - 1024, 1024):
                piece = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], format="fltp", layout="mono")
                piece.sample_rate, piece.time_base = RATE, Fraction(1, RATE)
                piece.pts = round(sound_from * RATE) + start
                for ready in av.AudioResampler(audio.codec_context.format, "mono", RATE).resample(piece):
                    movie.mux(audio.encode(ready))
            movie.mux(audio.encode(None))
    return path
