# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the loss: what costs, what costs more, and what costs nothing."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
import torch
from torch import Tensor

from emotalk_blender.curves import CHANNEL
from emotalk_blender.training.corpus.batches import Batch
from emotalk_blender.training.corpus.corpus import UNKNOWN
from emotalk_blender.training.learning.losses import (
    LossWeights,
    Predictions,
    closure,
    movement,
    reconstruction,
    shut_when_wide,
    total,
    velocity,
)
from emotalk_blender.training.rules.phones import INDEX

SPREAD = torch.full((52,), 0.1)
FRAMES = 10


def batch(phone: int = INDEX["AA"], target: Tensor | None = None) -> Batch:
    """Two rows of ten frames on one phone, whose target is random unless it is given."""
    if target is None:
        target = torch.rand(2, FRAMES, 52, generator=torch.Generator().manual_seed(1))
    return Batch(
        audio=torch.zeros(2, 5333),
        mood_audio=torch.zeros(2, 5333),
        voice=torch.tensor([0, 3]),
        source=torch.arange(2),
        is_set=torch.zeros(2, dtype=torch.bool),
        emotion=torch.zeros(2, dtype=torch.long),
        intensity=torch.ones(2),
        person=torch.zeros(2, dtype=torch.long),
        target=target,
        known=torch.ones(2, 52),
        phones=torch.full((2, FRAMES), phone),
    )


def jaw_at(opening: float) -> Tensor:
    """Two rows of a face at rest but for its jaw."""
    face = torch.zeros(2, FRAMES, 52)
    face[..., CHANNEL["jawOpen"]] = opening
    return face


def test_the_truth_costs_nothing() -> None:
    rows = batch(INDEX["P"])
    assert reconstruction(rows.target, rows, SPREAD, LossWeights()) == 0
    for loss in (velocity, movement, closure, shut_when_wide):
        assert loss(rows.target, rows, SPREAD) == 0


def test_velocity_does_not_mind_an_offset() -> None:
    rows = batch()
    assert velocity(rows.target + 0.3, rows, SPREAD) < 1e-9
    assert velocity(rows.target * 0, rows, SPREAD) > 1


def test_the_jaw_counts_more() -> None:
    rows = batch()
    jaw, brow = rows.target.clone(), rows.target.clone()
    jaw[..., CHANNEL["jawOpen"]] += 0.1
    brow[..., CHANNEL["browInnerUp"]] += 0.1
    weights = LossWeights(jaw=2.0)
    ratio = reconstruction(jaw, rows, SPREAD, weights) / reconstruction(brow, rows, SPREAD, weights)
    assert abs(ratio - 2) < 1e-4


def test_lips_together_frames_count_more() -> None:
    rows = batch(target=jaw_at(0.3))
    rows.phones[:, :5] = INDEX["F"]
    within, without = rows.target.clone(), rows.target.clone()
    within[:, :5] += 0.1
    without[:, 5:] += 0.1
    weights = LossWeights(contact=5.0)
    ratio = reconstruction(within, rows, SPREAD, weights) / reconstruction(without, rows, SPREAD, weights)
    assert abs(ratio - 5) < 1e-3


def test_a_channel_that_was_not_captured_costs_nothing() -> None:
    rows = batch(UNKNOWN)
    rows.known[..., CHANNEL["browInnerUp"]] = 0
    wrong = rows.target.clone()
    wrong[:, ::2, CHANNEL["browInnerUp"]] += 0.5
    assert reconstruction(wrong, rows, SPREAD, LossWeights()) == 0
    assert velocity(wrong, rows, SPREAD) == 0
    assert movement(wrong, rows, SPREAD) == 0
    wrong[..., CHANNEL["jawOpen"]] += 0.1
    assert reconstruction(wrong, rows, SPREAD, LossWeights()) > 0


def test_what_is_trusted_by_half_counts_half() -> None:
    rows = batch(UNKNOWN)
    wrong = rows.target.clone()
    wrong[..., CHANNEL["mouthFunnel"]] += 0.1
    whole = reconstruction(wrong, rows, SPREAD, LossWeights())
    rows.known[..., CHANNEL["mouthFunnel"]] = 0.5
    assert reconstruction(wrong, rows, SPREAD, LossWeights()) == pytest.approx(float(whole) / 2)


def test_unknown_phones_and_moods_cost_nothing() -> None:
    rows = replace(batch(UNKNOWN), voice=torch.tensor([UNKNOWN, 2]))
    rows.phones[0, 0] = INDEX["AA"]
    phones, moods = torch.zeros(2, FRAMES, 40), torch.zeros(2, 7)
    _, parts = total(Predictions(rows.target, phones, moods), rows, SPREAD, LossWeights())
    phones[1], moods[0, 1] = 9.0 * torch.arange(40), 9.0
    _, others = total(Predictions(rows.target, phones, moods), rows, SPREAD, LossWeights())
    assert parts["phone"] == others["phone"] > 0
    assert parts["emotion"] == others["emotion"] > 0


def test_lips_apart_cost_where_the_target_s_touch_and_in_p_b_m() -> None:
    agape = jaw_at(0.5)
    assert closure(agape, batch(UNKNOWN, jaw_at(0.0)), SPREAD) > 1
    assert closure(agape, batch(INDEX["M"], jaw_at(0.1)), SPREAD) > 1
    assert closure(agape, batch(INDEX["AA"], jaw_at(0.1)), SPREAD) == 0
    over_open_jaw = agape.clone()
    over_open_jaw[..., CHANNEL["mouthClose"]] = 0.5
    assert closure(over_open_jaw, batch(INDEX["M"], jaw_at(0.0)), SPREAD) == 0


def test_shut_lips_cost_where_the_target_s_mouth_is_wide_open() -> None:
    rows = batch(UNKNOWN, jaw_at(0.4))
    assert shut_when_wide(jaw_at(0.0), rows, SPREAD) > 1
    assert shut_when_wide(jaw_at(0.3), rows, SPREAD) == 0
    assert shut_when_wide(jaw_at(0.0), batch(UNKNOWN, jaw_at(0.1)), SPREAD) == 0


def test_lips_pushed_through_each_other_learn_to_part() -> None:
    curves = jaw_at(0.1)
    curves[..., CHANNEL["mouthClose"]] = 0.3
    curves.requires_grad_(True)
    shut_when_wide(curves, batch(UNKNOWN, jaw_at(0.4)), SPREAD).backward()
    assert curves.grad is not None and (curves.grad[..., CHANNEL["mouthClose"]] > 0).all()


def test_a_flatter_movement_costs_and_an_offset_does_not() -> None:
    rows = batch(UNKNOWN)
    mean = rows.target.mean(dim=1, keepdim=True)
    assert movement(mean + 0.5 * (rows.target - mean), rows, SPREAD) > 0.1
    assert movement(rows.target + 0.3, rows, SPREAD) < 1e-6


def test_the_total_is_the_weighted_sum() -> None:
    rows = batch(INDEX["B"])
    predictions = Predictions(rows.target + 0.1, torch.zeros(2, FRAMES, 40), torch.zeros(2, 7))
    weights = LossWeights()
    loss, parts = total(predictions, rows, SPREAD, weights)
    expected = sum(({"reconstruction": 1.0, **asdict(weights)}[name] * value for name, value in parts.items()))
    assert torch.allclose(loss, torch.as_tensor(expected))
    assert set(parts) == {"reconstruction", "velocity", "range", "phone", "emotion", "closure", "wide"}
