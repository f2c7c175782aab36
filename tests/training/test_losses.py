# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import torch
from torch import Tensor

from emotalk_blender.curves import CHANNEL
from emotalk_blender.training.articulation import opening
from emotalk_blender.training.losses import (
    LossWeights,
    Predictions,
    closure,
    lips_apart,
    reconstruction,
    total,
    velocity,
)
from emotalk_blender.training.phones import INDEX

SPREAD = torch.full((52,), 0.1)


def batch(phone: str = "AA") -> tuple[Tensor, Tensor]:
    target = torch.rand(2, 10, 52, generator=torch.Generator().manual_seed(1))
    return target, torch.full((2, 10), INDEX[phone])


def test_the_truth_costs_nothing() -> None:
    target, phones = batch("P")
    assert reconstruction(target, target, phones, SPREAD, LossWeights()) == 0
    assert velocity(target, target, SPREAD) == 0
    assert closure(target, target, phones, SPREAD) == 0


def test_velocity_does_not_mind_an_offset() -> None:
    target, _ = batch()
    assert velocity(target + 0.3, target, SPREAD) < 1e-9
    assert velocity(target * 0, target, SPREAD) > 1


def test_the_jaw_counts_more() -> None:
    target, phones = batch()
    jaw, brow = target.clone(), target.clone()
    jaw[..., CHANNEL["jawOpen"]] += 0.1
    brow[..., CHANNEL["browInnerUp"]] += 0.1
    weights = LossWeights(jaw=2.0)
    ratio = reconstruction(jaw, target, phones, SPREAD, weights) / reconstruction(brow, target, phones, SPREAD, weights)
    assert abs(ratio - 2) < 1e-4


def test_lips_together_frames_count_more() -> None:
    target, phones = batch()
    phones[:, :5] = INDEX["F"]
    within, without = target.clone(), target.clone()
    within[:, :5] += 0.1
    without[:, 5:] += 0.1
    weights = LossWeights(contact=5.0)
    ratio = reconstruction(within, target, phones, SPREAD, weights) / reconstruction(
        without, target, phones, SPREAD, weights
    )
    assert abs(ratio - 5) < 1e-3


def test_only_lips_apart_in_p_b_m_cost_closure() -> None:
    shut = torch.zeros(1, 4, 52)
    agape = shut.clone()
    agape[..., CHANNEL["jawOpen"]] = 0.5
    assert closure(agape, shut, torch.full((1, 4), INDEX["M"]), SPREAD) > 1
    assert closure(agape, shut, torch.full((1, 4), INDEX["AA"]), SPREAD) == 0
    held = agape.clone()
    held[..., CHANNEL["mouthClose"]] = 0.5
    assert closure(held, shut, torch.full((1, 4), INDEX["M"]), SPREAD) == 0


def test_the_opening_is_the_same_figure_everywhere() -> None:
    curves = torch.rand(7, 52, generator=torch.Generator().manual_seed(2))
    assert torch.allclose(lips_apart(curves), torch.from_numpy(opening(curves.numpy())))


def test_the_total_is_the_weighted_sum() -> None:
    target, phones = batch("B")
    predictions = Predictions(target + 0.1, torch.zeros(2, 10, 40), torch.zeros(2, 7))
    weights = LossWeights()
    loss, parts = total(predictions, target, phones, torch.tensor([0, 3]), SPREAD, weights)
    expected = (
        parts["reconstruction"]
        + weights.velocity * parts["velocity"]
        + weights.phone * parts["phone"]
        + weights.emotion * parts["emotion"]
        + weights.closure * parts["closure"]
    )
    assert torch.allclose(loss, expected)
    assert set(parts) == {"reconstruction", "velocity", "phone", "emotion", "closure"}
