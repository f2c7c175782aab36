# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows become curves: copied, scaled, added up, or fitted."""

from __future__ import annotations

import numpy as np
import pytest

from emotalk_blender.curves import ARKIT_NAMES, CHANNEL
from emotalk_blender.rig.detect import detect
from emotalk_blender.rig.mapping import Mapping, Row, own_mapping, sharing_poses

VALUES = np.random.default_rng(0).random((40, 52), np.float32)


def mapping_of(*rows: Row) -> Mapping:
    return own_mapping(rows, [row.target for row in rows])


def test_blendshapes_are_copied_bit_for_bit() -> None:
    names = [f"{name}_key" for name in ARKIT_NAMES[::-1]]
    mapping = mapping_of(*(Row(name, name.removesuffix("_key")) for name in names))
    assert np.array_equal(mapping.drive(VALUES), VALUES[:, ::-1])
    assert mapping.targets == tuple(names)


def test_strength_scales() -> None:
    driven = mapping_of(Row("jaw", "jawOpen", 0.5), Row("up", "eyeLookUpLeft", -2.0)).drive(VALUES)
    np.testing.assert_allclose(driven[:, 0], 0.5 * VALUES[:, CHANNEL["jawOpen"]])
    np.testing.assert_allclose(driven[:, 1], -2 * VALUES[:, CHANNEL["eyeLookUpLeft"]])


def test_rows_of_one_control_add_up() -> None:
    mapping = mapping_of(Row("eye", "eyeLookUpLeft", 30.0), Row("jaw", "jawOpen"), Row("eye", "eyeLookDownLeft", -20.0))
    driven = mapping.drive(VALUES)
    assert mapping.targets == ("eye", "jaw")
    expected = 30 * VALUES[:, CHANNEL["eyeLookUpLeft"]] - 20 * VALUES[:, CHANNEL["eyeLookDownLeft"]]
    np.testing.assert_allclose(driven[:, 0], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("jaw", "close", "together"), [(0.3, 0.3, 1.0), (0.4, 0.1, 0.25), (0.05, 0.05, 1.0), (0, 0, 0)]
)
def test_lips_together_is_a_part_of_the_open_jaw(jaw: float, close: float, together: float) -> None:
    values = np.zeros((1, 52), np.float32)
    values[0, CHANNEL["jawOpen"]], values[0, CHANNEL["mouthClose"]] = jaw, close
    assert mapping_of(Row("lips", "lipsTogether")).drive(values)[0, 0] == pytest.approx(together)


def test_teeth_with_fewer_visemes_move_with_the_head() -> None:
    head = detect([f"viseme_{name}" for name in "PP FF TH DD kk CH SS nn RR aa E I O U".split()])
    teeth = detect(["viseme_aa", "viseme_O"])
    alone = teeth.drive(VALUES)
    head_together, teeth_together = sharing_poses([head, teeth])
    moved = dict(zip(head.targets, head_together.drive(VALUES).T, strict=True))
    assert np.array_equal(teeth_together.drive(VALUES), np.stack([moved["viseme_aa"], moved["viseme_O"]], 1))
    assert np.array_equal(head_together.drive(VALUES), head.drive(VALUES))
    assert not np.array_equal(alone, teeth_together.drive(VALUES))


def test_what_needs_no_fit_is_left_alone_by_it() -> None:
    head, lashes = sharing_poses([detect(["jawOpen", "viseme_aa"]), detect(["eyeBlinkLeft"])])
    assert np.array_equal(lashes.drive(VALUES)[:, 0], VALUES[:, CHANNEL["eyeBlinkLeft"]])
    assert np.array_equal(head.drive(VALUES)[:, 0], VALUES[:, CHANNEL["jawOpen"]])


def test_rows_whose_control_is_gone_are_told() -> None:
    mapping = own_mapping([Row("jaw", "jawOpen"), Row("lips", "mouthClose"), Row("lips", "mouthPucker")], ["jaw"])
    assert mapping.targets == ("jaw",)
    assert mapping.report == "1 of 3"
    assert mapping.missing == ("lips",)


@pytest.mark.parametrize("strength", [float("nan"), float("inf")])
def test_a_row_of_a_damaged_file_writes_no_keys_that_are_no_numbers(strength: float) -> None:
    mapping = own_mapping([Row("jaw", "jawOpen", strength), Row("lips", "mouthClose")], ["jaw", "lips"])
    assert mapping.targets == ("lips",)
    assert mapping.report == "1 of 2"
