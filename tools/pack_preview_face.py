# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs the EmoTalk Face for films without Blender: makes training/captures/preview_face.npz anew.

Run it (in Python with bpy) after the face has changed.
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "emotalk_blender" / "training" / "captures" / "preview_face.npz"

INSIDE_OUT = {"iris", "iris edge", "iris light", "pupil"}
"""Materials of faces that look into the head; Blender shows both sides."""

STILL = 2e-4
"""Movements below that (the head is 2 high) are left out."""


def packed_face() -> dict[str, Any]:
    """The face as arrays: vertices [n, 3] (x to its left, y up, z to the front), triangles [m, 3], their colors [m, 3].

    Of each of the 52 shape keys only what moves: `moved` lists the vertices, one key's after the other's, `moves` how
    they move, and `counts` [52] how many each key has.
    """
    from emotalk_blender.blender.demo_face.build import face_parts
    from emotalk_blender.blender.demo_face.materials import COLOURS
    from emotalk_blender.curves import ARKIT_NAMES

    vertices: list[Array] = []
    triangles: list[tuple[int, int, int]] = []
    colors: list[Array] = []
    moved: dict[str, list[npt.NDArray[np.intp]]] = {name: [] for name in ARKIT_NAMES}
    moves: dict[str, list[Array]] = {name: [] for name in ARKIT_NAMES}
    count = 0
    for part in face_parts():
        vertices.append(part.vertices)
        for face, material in zip(part.faces, part.materials, strict=True):
            if material in INSIDE_OUT:
                face = face[::-1]
            color = np.array(COLOURS[material][:3]) ** (1 / 2.2)
            for second, third in pairwise(face[1:]):
                triangles.append((count + face[0], count + second, count + third))
                colors.append(color)
        for name, shift in part.keys.items():
            rows = np.flatnonzero(np.abs(shift).max(axis=1) > STILL)
            moved[name].append(count + rows)
            moves[name].append(shift[rows])
        count += len(part.vertices)
    return {
        "vertices": _to_front(np.concatenate(vertices)).astype(np.float16),
        "triangles": np.array(triangles, np.uint16),
        "colors": np.rint(255 * np.array(colors)).astype(np.uint8),
        "counts": np.array([sum(map(len, moved[name])) for name in ARKIT_NAMES], np.int32),
        "moved": np.concatenate([rows for name in ARKIT_NAMES for rows in moved[name]]).astype(np.uint16),
        "moves": _to_front(np.concatenate([rows for name in ARKIT_NAMES for rows in moves[name]])).astype(np.float16),
    }


def _to_front(points: Array) -> Array:
    """Points with y up and z to the front; in Blender the face looks along -Y, and z is up."""
    return np.column_stack([points[:, 0], points[:, 2], -points[:, 1]])


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    np.savez_compressed(parser.parse_args().out, **packed_face())


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
