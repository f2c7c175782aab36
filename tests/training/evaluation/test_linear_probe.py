# SPDX-License-Identifier: GPL-3.0-or-later
"""A linear probe reads classes from features where they lie apart, and nowhere else."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from emotalk_blender.training.evaluation.linear_probe import read_classes


def examples(count: int, seed: int, distance: float = 4.0) -> tuple[Tensor, Tensor]:
    """Points around three corners of a triangle, and which corner."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 3, (count,), generator=generator)
    corners = distance * torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    return corners[labels] + 0.5 * torch.randn(count, 3, generator=generator), labels


def test_classes_that_lie_apart_are_read() -> None:
    assert read_classes(*examples(200, 1), *examples(100, 2)).accuracy > 0.97


def test_nothing_is_read_where_nothing_is() -> None:
    found = read_classes(*examples(400, 1, distance=0.0), *examples(400, 2, distance=0.0))
    assert found.accuracy < 0.45


def test_the_commonest_class_is_named_beside_it() -> None:
    features = torch.randn(10, 2, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 0, 0, 1, 2, 0, 0, 0, 1, 2])
    assert read_classes(features, labels, features, labels).commonest == pytest.approx(0.6)


def test_a_class_that_was_never_learnt_is_never_read() -> None:
    features = torch.tensor([[0.0], [1.0]])
    found = read_classes(features, torch.tensor([0, 1]), features, torch.tensor([5, 5]))
    assert found.accuracy == 0


@given(st.floats(0.01, 100), st.floats(-50, 50))
@settings(max_examples=10, deadline=None)
def test_scale_and_offset_of_the_features_do_not_matter(scale: float, offset: float) -> None:
    features, labels = examples(90, 3, distance=1.0)
    others, their_labels = examples(60, 4, distance=1.0)
    plain = read_classes(features, labels, others, their_labels)
    moved = read_classes(scale * features + offset, labels, scale * others + offset, their_labels)
    assert moved.accuracy == pytest.approx(plain.accuracy, abs=0.04)
