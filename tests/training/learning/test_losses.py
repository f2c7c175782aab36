# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import torch

from emotalk_blender.curves import CHANNEL
from emotalk_blender.training.corpus.batches import Batch
from emotalk_blender.training.corpus.corpus import UNKNOWN
from emotalk_blender.training.learning.losses import (
    LossWeights,
    Predictions,
    closure,
    lips_apart,
    reconstruction,
    total,
    velocity,
)
from emotalk_blender.training.rules.articulation import opening
from emotalk_blender.training.rules.phones import INDEX

SPREAD = torch.full((52,), 0.1)


def batch(phone: int = INDEX["AA"]) -> Batch:
    """Two rows of ten frames on one phone, whose target is random."""
    return Batch(
        audio=torch.zeros(2, 5333),
        mood_audio=torch.zeros(2, 5333),
        voice=torch.tensor([0, 3]),
        source=torch.arange(2),
        is_set=torch.zeros(2, dtype=torch.bool),
        emotion=torch.zeros(2, dtype=torch.long),
        intensity=torch.ones(2),
        person=torch.zeros(2, dtype=torch.long),
        target=torch.rand(2, 10, 52, generator=torch.Generator().manual_seed(1)),
        known=torch.ones(2, 52),
        phones=torch.full((2, 10), phone),
    )


def test_the_truth_costs_nothing() -> None:
    rows = batch(INDEX["P"])
    assert reconstruction(rows.target, rows, SPREAD, LossWeights()) == 0
    assert velocity(rows.target, rows, SPREAD) == 0
    assert closure(rows.target, rows.target, rows.phones, SPREAD) == 0


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
    rows = batch()
    rows.phones[:, :5] = INDEX["F"]
    within, without = rows.target.clone(), rows.target.clone()
    within[:, :5] += 0.1
    without[:, 5:] += 0.1
    weights = LossWeights(contact=5.0)
    ratio = reconstruction(within, rows, SPREAD, weights) / reconstruction(without, rows, SPREAD, weights)
    assert abs(ratio - 5) < 1e-3


def test_a_channel_that_was_not_captured_costs_nothing() -> None:
    rows = batch(UNKNOWN)
    rows.known[:, CHANNEL["browInnerUp"]] = 0
    wrong = rows.target.clone()
    wrong[:, ::2, CHANNEL["browInnerUp"]] += 0.5
    assert reconstruction(wrong, rows, SPREAD, LossWeights()) == 0
    assert velocity(wrong, rows, SPREAD) == 0
    wrong[..., CHANNEL["jawOpen"]] += 0.1
    assert reconstruction(wrong, rows, SPREAD, LossWeights()) > 0


def test_unknown_phones_and_moods_cost_nothing() -> None:
    rows = replace(batch(UNKNOWN), voice=torch.tensor([UNKNOWN, 2]))
    rows.phones[0, 0] = INDEX["AA"]
    phones, moods = torch.zeros(2, 10, 40), torch.zeros(2, 7)
    _, parts = total(Predictions(rows.target, phones, moods), rows, SPREAD, LossWeights())
    phones[1], moods[0, 1] = 9.0 * torch.arange(40), 9.0
    _, others = total(Predictions(rows.target, phones, moods), rows, SPREAD, LossWeights())
    assert parts["phone"] == others["phone"] > 0
    assert parts["emotion"] == others["emotion"] > 0


def test_only_lips_apart_in_p_b_m_cost_closure() -> None:
    shut = torch.zeros(1, 4, 52)
    agape = shut.clone()
    agape[..., CHANNEL["jawOpen"]] = 0.5
    assert closure(agape, shut, torch.full((1, 4), INDEX["M"]), SPREAD) > 1
    assert closure(agape, shut, torch.full((1, 4), INDEX["AA"]), SPREAD) == 0
    over_open_jaw = agape.clone()
    over_open_jaw[..., CHANNEL["mouthClose"]] = 0.5
    assert closure(over_open_jaw, shut, torch.full((1, 4), INDEX["M"]), SPREAD) == 0


def test_the_opening_is_the_same_figure_everywhere() -> None:
    curves = torch.rand(7, 52, generator=torch.Generator().manual_seed(2))
    assert torch.allclose(lips_apart(curves), torch.from_numpy(opening(curves.numpy())))


def test_the_total_is_the_weighted_sum() -> None:
    rows = batch(INDEX["B"])
    predictions = Predictions(rows.target + 0.1, torch.zeros(2, 10, 40), torch.zeros(2, 7))
    weights = LossWeights()
    loss, parts = total(predictions, rows, SPREAD, weights)
    expected = (
        parts["reconstruction"]
        + weights.velocity * parts["velocity"]
        + weights.phone * parts["phone"]
        + weights.emotion * parts["emotion"]
        + weights.closure * parts["closure"]
    )
    assert torch.allclose(loss, expected)
    assert set(parts) == {"reconstruction", "velocity", "phone", "emotion", "closure"}
