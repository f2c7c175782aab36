# SPDX-License-Identifier: GPL-3.0-or-later
"""Lip and upper face errors on a mesh: distances of its vertices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.curves import CHANNEL
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.evaluation.clips import MOUTH
from emotalk_blender.training.evaluation.mesh_error import FaceMesh, mean_errors, read_mesh, region, vertex_errors

ALL = np.ones(52, bool)
# Vertices: 0 and 1 lips, 2 chin, 3 and 4 brows, 5 a tooth.
NAMES = ["mouthClose", "mouthRollLower", "jawOpen", "browInnerUp_L", "browInnerUp_R", "browDown_L", "eyeBlink_L"]


def made_up_mesh(path: Path) -> Path:
    deltas = np.zeros((len(NAMES), 6, 3), np.float32)
    deltas[0, [0, 1]] = [0, 1, 0]
    deltas[0, 2] = [0, 0.4, 0]  # the chin follows a little
    deltas[1, 1] = [0, 0, -0.5]
    deltas[2, [0, 2, 5]] = [0, -2, 0]
    deltas[3, 3] = deltas[4, 4] = [0, 0.3, 0.4]
    deltas[5, 3] = [0, -0.5, 0]
    deltas[6, 3] = [0, -0.4, 0]
    np.savez(path, names=np.array(NAMES), deltas=deltas)
    return path


@pytest.fixture
def mesh(tmp_path: Path) -> FaceMesh:
    return read_mesh(made_up_mesh(tmp_path / "face.npz"))


def face(frames: int = 3, **values: float) -> np.ndarray:
    curves = np.zeros((frames, 52), np.float32)
    for name, value in values.items():
        curves[:, CHANNEL[name]] = value
    return curves


def test_regions_are_chosen_by_the_shapes(mesh: FaceMesh) -> None:
    assert mesh.lips.shape == (52, 2, 3)  # the chin moves too little with mouthClose, the tooth not at all
    assert mesh.upper.shape == (52, 2, 3)


def test_a_shape_key_in_two_halves_is_one_blendshape(mesh: FaceMesh) -> None:
    np.testing.assert_allclose(np.linalg.norm(mesh.upper[CHANNEL["browInnerUp"]], axis=1), [0.5, 0.5])


def test_the_error_is_the_largest_distance(mesh: FaceMesh) -> None:
    errors = vertex_errors(mesh, face(jawOpen=0.5, browInnerUp=1.0), face(mouthRollLower=1.0), ALL)
    assert errors.lve.distance == pytest.approx(1.0)  # the jaw's 0.5 * 2 on one lip, 0.5 on the other
    assert errors.lve.squared == pytest.approx(1.0)
    assert errors.eve is not None
    assert errors.eve.distance == pytest.approx(0.5)
    assert errors.eve.squared == pytest.approx(0.25)


def test_frames_are_averaged(mesh: FaceMesh) -> None:
    found = face(frames=4)
    found[1, CHANNEL["jawOpen"]] = 1.0
    assert vertex_errors(mesh, found, face(frames=4), ALL).lve.distance == pytest.approx(0.5)
    assert vertex_errors(mesh, found, face(frames=4), ALL).lve.squared == pytest.approx(1.0)


@given(st.integers(0, 100), st.floats(0.1, 1))
@settings(max_examples=20)
def test_errors_grow_with_the_distance_and_vanish_with_it(seed: int, part: float) -> None:
    rng = np.random.default_rng(seed)
    mesh = FaceMesh(*rng.normal(size=(2, 52, 7, 3)).astype(np.float32))
    true, found = rng.random((2, 300, 52)).astype(np.float32)
    between = (true + part * (found - true)).astype(np.float32)
    whole, less = vertex_errors(mesh, found, true, ALL), vertex_errors(mesh, between, true, ALL)
    assert less.lve.distance == pytest.approx(part * whole.lve.distance, rel=1e-3)
    assert vertex_errors(mesh, true, true, ALL).lve.distance == 0


def test_unknown_channels_and_blinks_err_by_nothing(mesh: FaceMesh) -> None:
    known = ALL.copy()
    known[CHANNEL["jawOpen"]] = False
    errors = vertex_errors(mesh, face(jawOpen=1.0, eyeBlinkLeft=1.0), face(), known)
    assert errors.lve.distance == 0
    assert errors.eve is not None
    assert errors.eve.distance == 0


def test_there_is_no_eve_without_a_captured_brow(mesh: FaceMesh) -> None:
    errors = [vertex_errors(mesh, face(jawOpen=1.0), face(), known) for known in (MOUTH, ALL)]
    assert errors[0].eve is None
    assert mean_errors(errors[:1], [1.0]).eve is None
    assert mean_errors(errors, [9.0, 1.0]).eve == errors[1].eve
    assert mean_errors(errors, [9.0, 1.0]).lve.distance == pytest.approx(2.0)


def test_a_region_is_empty_where_no_shape_moves() -> None:
    assert not region(np.zeros((52, 4, 3), np.float32), ("brow",), 0.5).any()


def test_what_is_no_mesh_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("no mesh")
    np.savez(tmp_path / "other.npz", names=np.array(["jawOpen"]))
    np.savez(tmp_path / "shape.npz", names=np.array(["jawOpen"]), deltas=np.zeros((2, 5, 3)))
    np.savez(tmp_path / "still.npz", names=np.array(["jawOpen"]), deltas=np.ones((1, 5, 3)))
    for name, words in (("text", "no mesh"), ("other", "no mesh"), ("shape", "deltas"), ("still", "no shapes")):
        with pytest.raises(EmoTalkError, match=words):
            read_mesh(tmp_path / f"{name}.npz")
    with pytest.raises(EmoTalkError, match="no mesh"):
        read_mesh(tmp_path / "missing.npz")
