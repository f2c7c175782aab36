# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a class can be read from features by a straight line: multinomial logistic regression."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

WEIGHT_DECAY = 1e-3
"""Of the squared weights, beside the mean cross-entropy; keeps a few examples from being learnt by heart."""
STEPS = 100


@dataclass(frozen=True)
class Reading:
    """Parts, 0 to 1: of the tested examples whose class was read right, and of those that have the commonest class."""

    accuracy: float
    commonest: float


def read_classes(features: Tensor, labels: Tensor, tested: Tensor, tested_labels: Tensor) -> Reading:
    """Learn classes from some examples and read them from others.

    features: float [examples, width]; labels: int64 [examples]; tested, tested_labels: the same of other examples.
    The features are brought to mean 0 and deviation 1 first. Deterministic.
    """
    mean, deviation = features.mean(dim=0), features.std(dim=0).clamp(min=1e-6)
    features, tested = (features - mean) / deviation, (tested - mean) / deviation
    classes = int(torch.cat([labels, tested_labels]).max()) + 1
    weight = torch.zeros(features.shape[1], classes, requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        error = nn.functional.cross_entropy(features @ weight + bias, labels) + WEIGHT_DECAY * weight.square().sum()
        error.backward()  # type: ignore[no-untyped-call]
        return error

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        right = ((tested @ weight + bias).argmax(dim=1) == tested_labels).float().mean()
    return Reading(float(right), float(torch.bincount(tested_labels).max()) / len(tested_labels))
