# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting an emotion: moving the mean of a clip's hidden emotion features, keeping their movement over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Classifier = Callable[[Tensor], Tensor]
"""Mean emotion features [..., width] to logits [..., emotions]."""

MARGIN = 2.0
"""Logits by which a chosen emotion must lead where the classifier decides."""

STEPS = 60


def offset_by_classifier(mean: Tensor, emotion: int, classifier: Classifier, margin: float = MARGIN) -> Tensor:
    """About the smallest offset [width] that makes the classifier say `emotion` of mean + offset with a margin.

    Each step goes to where the nearest rival's boundary, taken as flat, lies (DeepFool, Moosavi-Dezfooli et al. 2016,
    with a margin). Deterministic. Where the classifier cannot be led that far, the best offset found is returned.
    """
    offset = torch.zeros_like(mean)
    best, best_lead = offset, -torch.inf
    for _ in range(STEPS):
        moved = (mean + offset).detach().requires_grad_(True)
        with torch.enable_grad():
            logits = classifier(moved)
            rivals = torch.cat([logits[:emotion], logits[emotion + 1 :]])
            leads = logits[emotion] - rivals
            gradients = [torch.autograd.grad(lead, moved, retain_graph=True)[0] for lead in leads]
        lead = leads.min().item()
        if lead > best_lead:
            best, best_lead = offset, lead
        if lead >= margin:
            break
        offset = offset + _nearest_step(leads.detach(), gradients, margin)
    return best


def _nearest_step(leads: Tensor, gradients: list[Tensor], margin: float) -> Tensor:
    """The step over the hardest boundary: the rival that is still farthest from being led by the margin."""
    steps = []
    for lead, gradient in zip(leads.tolist(), gradients, strict=True):
        missing = margin * 1.01 - lead
        steps.append(gradient * max(missing, 0.0) / gradient.square().sum().clamp(min=1e-12))
    longest = max(steps, key=lambda step: float(step.norm()))
    length = max(float(longest.norm()), 1e-12)
    step: Tensor = longest * min(1.0, 10.0 / length)  # flat spots must not throw it far away
    return step


def emotion_offsets(hidden: Tensor, wanted: Tensor, prototypes: Tensor | None, classifier: Classifier) -> Tensor:
    """Offset of the clip's mean towards each wanted emotion.

    hidden: [frames, width]; wanted: bool [emotions]; prototypes: [emotions, width] or None.
    Returns [emotions, width]; rows that are not wanted are 0.
    """
    mean = hidden.mean(dim=0)
    if prototypes is not None:
        return (prototypes - mean) * wanted[:, None]
    offsets = torch.zeros(len(wanted), hidden.shape[-1], dtype=hidden.dtype, device=hidden.device)
    for emotion in torch.nonzero(wanted).flatten().tolist():
        offsets[emotion] = offset_by_classifier(mean, emotion, classifier)
    return offsets


@dataclass(frozen=True)
class EmotionSetting:
    """How the hidden emotion features of one clip are moved, frames by frames.

    A chosen emotion moves them by neutral + intensity * (emotion - neutral); where all weights are 0 they stay.
    rest: offset to neutral, [width]; offsets: from there to each emotion, [emotions, width]. None where nothing is set.
    """

    rest: Tensor | None
    offsets: Tensor | None

    @staticmethod
    def of(
        hidden: Tensor, weights: Tensor, neutral: int | None, prototypes: Tensor | None, classifier: Classifier
    ) -> EmotionSetting:
        """For the hidden features [frames, width] of a whole clip and weights [frames, emotions].

        neutral: index of the neutral emotion, None where there is none; prototypes: [emotions, width] or None.
        """
        wanted = (weights > 0).any(dim=0)
        if not bool(wanted.any()):
            return EmotionSetting(None, None)
        if neutral is not None:
            wanted = wanted | (torch.arange(len(wanted), device=wanted.device) == neutral)
        mean = hidden.mean(dim=0, dtype=torch.float32, keepdim=True).to(weights.device)
        offsets = emotion_offsets(mean, wanted, prototypes, classifier)
        rest = offsets[neutral] if neutral is not None else torch.zeros_like(offsets[0])
        return EmotionSetting(rest, offsets - rest)

    def apply(self, hidden: Tensor, weights: Tensor, intensity: Tensor) -> Tensor:
        """Some frames of the clip, moved: hidden [frames, width], weights [frames, emotions], intensity [frames]."""
        if self.rest is None or self.offsets is None:
            return hidden
        weights = weights.clamp(min=0)
        weights = weights / weights.sum(dim=-1, keepdim=True).clamp(min=1)
        return hidden + weights.sum(dim=-1, keepdim=True) * self.rest + intensity[:, None] * (weights @ self.offsets)
