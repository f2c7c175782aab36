# SPDX-License-Identifier: GPL-3.0-or-later
"""The face of a capture's preview is the EmoTalk Face, and shows what it does."""

from __future__ import annotations

import numpy as np

from emotalk_blender.curves import ARKIT_NAMES, CHANNEL
from emotalk_blender.training.captures.preview_face import FILE, draw, preview_face
from tools.pack_preview_face import packed_face


def test_the_packed_face_is_the_face_as_it_is_built() -> None:
    with np.load(FILE, allow_pickle=False) as file:
        for name, values in packed_face().items():
            assert np.array_equal(file[name], values), f"run tools/pack_preview_face.py: {name} has changed"


def test_every_key_moves_what_is_seen_of_it() -> None:
    face = preview_face()
    still = draw(face, np.zeros(52, np.float32), 180).astype(np.int16)
    for name in ARKIT_NAMES:
        weights = np.zeros(52, np.float32)
        # Lips close over an open jaw, and a tongue is seen in one.
        weights[CHANNEL["jawOpen"]] = 0.4 if name in ("mouthClose", "tongueOut") else 0
        before = draw(face, weights, 180).astype(np.int16) if weights.any() else still
        weights[CHANNEL[name]] = 0.4 if name == "mouthClose" else 1
        assert np.abs(draw(face, weights, 180) - before).max() > 40, name
