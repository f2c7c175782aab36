# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding faces in pictures with MediaPipe's Face Landmarker."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...curves import ARKIT_NAMES, CHANNEL, DoubleArray, FloatArray
from ...errors import EmoTalkError
from .face_shapes import FaceShapes
from .film import Image

MODEL_PAGE = "https://ai.google.dev/edge/mediapipe/solutions/vision/face_landmarker"
"""Where Google publishes the model bundle, face_landmarker.task."""

MOST_FACES = 3
"""Faces looked for in a picture: the one that speaks, and others in the background."""


@dataclass(frozen=True)
class Face:
    """A face in a picture.

    points: landmarks [landmarks, 3] in the order of FaceShapes.landmarks, in pixels: x right, y down, z away.
    scores: the tracker's blendshape scores [52] in the order of ARKIT_NAMES, 0 where it has none.
    """

    points: DoubleArray
    scores: FloatArray


FindFaces = Callable[[Image], list[Face]]


@contextmanager
def face_tracker(model: Path, shapes: FaceShapes) -> Iterator[FindFaces]:
    """A function that finds the faces of a picture, each picture by itself.

    The tracker's smoothing over time is off: with it half of the closures of B and P get lost. Raises EmoTalkError
    where the package mediapipe is missing, or the model cannot be read.
    """
    if not model.is_file():
        raise EmoTalkError(f"{model} does not exist. Download face_landmarker.task from {MODEL_PAGE}.")
    os.environ.setdefault("GLOG_minloglevel", "2")  # its library tells of itself otherwise
    try:
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision
    except ImportError as error:
        raise EmoTalkError(
            'Tracking faces needs the Python package mediapipe. Install it with: pip install mediapipe "numpy<2"'
        ) from error
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model)),
        running_mode=vision.RunningMode.IMAGE,
        num_faces=MOST_FACES,
        output_face_blendshapes=True,
    )
    try:
        landmarker = vision.FaceLandmarker.create_from_options(options)
    except (RuntimeError, ValueError, OSError) as error:
        raise EmoTalkError(f"{model.name} is no model of MediaPipe's Face Landmarker. Download it anew.") from error

    def find_faces(colors: Image) -> list[Face]:
        height, width = colors.shape[:2]
        found = landmarker.detect(mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=colors))
        faces = []
        for points, scores in zip(found.face_landmarks, found.face_blendshapes, strict=True):
            picked = [points[number] for number in shapes.landmarks]
            # The tracker measures depth in widths of the picture.
            places = np.array([[point.x * width, point.y * height, point.z * width] for point in picked])
            named = np.zeros(len(ARKIT_NAMES), np.float32)
            for score in scores:
                if score.category_name in CHANNEL:
                    named[CHANNEL[score.category_name]] = score.score
            faces.append(Face(places, named))
        return faces

    with landmarker:
        yield find_faces
