# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries the shapes of ICT-FaceKit to MediaPipe's canonical face: makes training/captures/face_shapes.npz anew.

Run it only when the numbers are to change. It takes three files that are not in this repository: the ICT face as arrays
(`neutral` [vertices, 3], `names`, `deltas` [names, vertices, 3]), MediaPipe's canonical_face_model.obj, and the
landmarks that both know (`ict` and `mediapipe`, 68 numbers each in the usual order of the 68).

The faces are laid over each other by those landmarks (a similarity transform, then a smooth warp of what is left), and
each landmark moves as the nearest vertex of the skin does, on the lips as the nearest one of the same lip.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SKIN = 9409
"""The first vertices of the ICT face are its skin; teeth, eyes and the rest follow."""

JAW_LINE = 17
"""The first of the 68 landmarks run along the jaw, where the two sets agree only loosely."""

LANDMARKS = (
    "61 146 91 181 84 17 314 405 321 375 291 409 270 269 267 0 37 39 40 185 78 95 88 178 87 14 317 402 318 324 "
    "308 415 310 311 312 13 82 81 80 191 10 338 297 332 284 251 389 356 454 323 361 288 397 365 379 378 400 377 "
    "152 148 176 149 150 136 172 58 132 93 234 127 162 21 54 103 67 109 46 53 52 65 55 70 63 105 66 107 276 283 "
    "282 295 285 300 293 334 296 336 33 7 163 144 145 153 154 155 133 173 157 158 159 160 161 246 263 249 390 373 "
    "374 380 381 382 362 398 384 385 386 387 388 466 1 2 4 5 6 19 94 98 97 326 327 168 195 197 48 278 129 358 50 "
    "280 205 425 187 411 192 416 18 200 199 175 164 57 287 43 273 202 422 212 432"
)
"""The landmarks that are used: lips, outline, brows, lids, nose, and some of cheeks and chin."""

UPPER_LIP = "185 40 39 37 0 267 269 270 409 191 80 81 82 13 312 311 310 415"
LOWER_LIP = "146 91 181 84 17 314 405 321 375 95 88 178 87 14 317 402 318 324"
LIP_FOLLOWS_JAW = 1.05
"""Centimeters that the jaw's shape moves a vertex down by, which tells lower lip from upper."""

STIFFNESS = 0.05


def main() -> None:
    """Read the three files and write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ict", type=Path, help="the ICT face as .npz")
    parser.add_argument("canonical", type=Path, help="canonical_face_model.obj")
    parser.add_argument("pairs", type=Path, help="the landmarks that both know, .json")
    parser.add_argument("--out", type=Path, required=True, help="the .npz to write")
    options = parser.parse_args()
    face = np.load(options.ict)
    lines = options.canonical.read_text(encoding="utf-8").splitlines()
    canonical = np.array([[float(part) for part in line.split()[1:4]] for line in lines if line.startswith("v ")])
    pairs = json.loads(options.pairs.read_text(encoding="utf-8"))
    landmarks = np.array([int(number) for number in LANDMARKS.split()])
    vertices, turn = carried(face, canonical, np.array(pairs["ict"]), np.array(pairs["mediapipe"]), landmarks)
    deltas = face["deltas"][:, vertices].astype(np.float64) @ turn
    names, moves = arkit_shapes(list(face["names"]), deltas)
    np.savez_compressed(
        options.out,
        landmarks=landmarks.astype(np.int16),
        resting=canonical[landmarks].astype(np.float32),
        names=np.array(names),
        moves=moves.astype(np.float16),
    )


def carried(
    face: np.lib.npyio.NpzFile,
    canonical: Array,
    ict: npt.NDArray[np.intp],
    known: npt.NDArray[np.intp],
    landmarks: npt.NDArray[np.intp],
) -> tuple[npt.NDArray[np.intp], Array]:
    """The skin vertex for each landmark, and the turn and scale [3, 3] of movements from one face to the other."""
    ict, known = ict[JAW_LINE:], known[JAW_LINE:]
    skin = face["neutral"][:SKIN].astype(np.float64)
    turn, move = _similarity(skin[ict], canonical[known])
    skin = skin @ turn + move
    skin = skin + _warp(skin[ict], canonical[known] - skin[ict], skin)
    drop = -(face["deltas"][list(face["names"]).index("jawOpen"), :SKIN].astype(np.float64) @ turn)[:, 1]
    upper, lower = ({int(number) for number in lip.split()} for lip in (UPPER_LIP, LOWER_LIP))
    vertices = []
    for landmark in landmarks:
        away = np.linalg.norm(skin - canonical[landmark], axis=1)
        if landmark in upper:
            away[drop > LIP_FOLLOWS_JAW] = np.inf
        if landmark in lower:
            away[drop <= LIP_FOLLOWS_JAW] = np.inf
        vertices.append(int(away.argmin()))
    return np.array(vertices), turn


def arkit_shapes(names: list[str], deltas: Array) -> tuple[list[str], Array]:
    """The shapes that have an ARKit name, halves of one put together: names, movements [names, landmarks, 3]."""
    together = {"browInnerUp_L": "browInnerUp", "browInnerUp_R": "browInnerUp"}
    together |= {"cheekPuff_L": "cheekPuff", "cheekPuff_R": "cheekPuff"}
    shapes: dict[str, Array] = {}
    for name, delta in zip(names, deltas, strict=True):
        if name.startswith(("PupilDilate", "cheekRaiser", "eyeLook")):
            continue  # no ARKit shape, or one that moves the eyeball and no skin
        arkit = together.get(name, name.replace("_L", "Left").replace("_R", "Right"))
        shapes[arkit] = shapes.get(arkit, 0) + delta
    return list(shapes), np.stack(list(shapes.values()))


def _similarity(points: Array, onto: Array) -> tuple[Array, Array]:
    """Turn and scale [3, 3] and move [3] with points @ turn + move nearest to onto (Umeyama 1991)."""
    middle, target = points.mean(axis=0), onto.mean(axis=0)
    left, sizes, right = np.linalg.svd((points - middle).T @ (onto - target))
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    scale = (sizes * signs).sum() / ((points - middle) ** 2).sum()
    turn: Array = scale * (left * signs) @ right
    return turn, target - middle @ turn


def _warp(points: Array, moves: Array, at: Array) -> Array:
    """Movements [points, 3] carried on smoothly to other places (radial basis: distance, with an affine part)."""
    count = len(points)
    near = np.linalg.norm(points[:, None] - points[None], axis=2) - STIFFNESS * np.eye(count)
    affine = np.column_stack([np.ones(count), points])
    system = np.block([[near, affine], [affine.T, np.zeros((4, 4))]])
    weights = np.linalg.lstsq(system, np.vstack([moves, np.zeros((4, 3))]), rcond=None)[0]
    basis = np.linalg.norm(at[:, None] - points[None], axis=2)
    moved: Array = np.column_stack([basis, np.ones(len(at)), at]) @ weights
    return moved


if __name__ == "__main__":
    main()
