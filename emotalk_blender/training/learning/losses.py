# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network is trained to do, as one number with its parts."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ...curves import CHANNEL, lip_opening
from ..corpus.batches import BILABIAL_INDICES, CONTACT_INDICES, Batch
from ..corpus.corpus import UNKNOWN


@dataclass(frozen=True)
class LossWeights:
    """Weights of the losses; the reconstruction itself has weight 1.

    jaw: of jawOpen within the reconstruction; contact: of the mouth in frames of P B M F V.
    velocity: of the frame differences; phone, emotion: of the cross-entropies; closure: of lips apart at P B M.
    """

    jaw: float = 4.0
    contact: float = 2.0
    velocity: float = 4.0
    phone: float = 0.4
    emotion: float = 0.5
    closure: float = 0.75


@dataclass(frozen=True)
class Predictions:
    """What the network says of a batch.

    curves: [batch, frames, 52]; phone_logits: [batch, frames, phones]; emotion_logits: [batch, emotions].
    """

    curves: Tensor
    phone_logits: Tensor
    emotion_logits: Tensor


def _channel_weights(jaw: float, like: Tensor) -> Tensor:
    """[52]: 1, and `jaw` for jawOpen."""
    weights = torch.ones(like.shape[-1], device=like.device)
    weights[CHANNEL["jawOpen"]] = jaw
    return weights


def reconstruction(curves: Tensor, batch: Batch, spread: Tensor, weights: LossWeights) -> Tensor:
    """Squared error over each channel's spread [52], of the known channels; lips-together frames count more."""
    contact = torch.isin(batch.phones, torch.tensor(CONTACT_INDICES, device=curves.device))
    frame_weights = 1 + (weights.contact - 1) * contact[..., None]
    squares = ((curves - batch.target) / spread).square() * _channel_weights(weights.jaw, curves)
    return (squares * frame_weights * batch.known[:, None]).sum() / (frame_weights.sum() * curves.shape[-1])


def velocity(curves: Tensor, batch: Batch, spread: Tensor) -> Tensor:
    """Squared error of the differences between frames, of the known channels, over each channel's spread."""
    squares = ((curves.diff(dim=1) - batch.target.diff(dim=1)) / spread).square()
    return (squares * batch.known[:, None]).mean()


def closure(curves: Tensor, target: Tensor, phones: Tensor, spread: Tensor) -> Tensor:
    """How much further than the target the lips are apart within P, B and M, averaged over all frames.

    Averaged over P, B and M alone it would outweigh the reconstruction so far that the mouth hardly opened at all.
    """
    bilabial = torch.isin(phones, torch.tensor(BILABIAL_INDICES, device=phones.device))
    excess = torch.relu(lip_opening(curves) - lip_opening(target) - 0.01) / spread[CHANNEL["jawOpen"]]
    return (excess * bilabial).mean()


def total(
    predictions: Predictions, batch: Batch, spread: Tensor, weights: LossWeights
) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum, and each part unweighted by name."""
    curves, phones = predictions.curves, batch.phones.flatten()
    parts = {
        "reconstruction": reconstruction(curves, batch, spread, weights),
        "velocity": velocity(curves, batch, spread),
        "phone": nn.functional.cross_entropy(predictions.phone_logits.flatten(0, 1), phones, ignore_index=UNKNOWN),
        "emotion": nn.functional.cross_entropy(predictions.emotion_logits, batch.voice, ignore_index=UNKNOWN),
        "closure": closure(curves, batch.target, batch.phones, spread),
    }
    scale = {
        "reconstruction": 1.0,
        "velocity": weights.velocity,
        "phone": weights.phone,
        "emotion": weights.emotion,
        "closure": weights.closure,
    }
    loss = sum((scale[name] * value for name, value in parts.items()), torch.zeros((), device=curves.device))
    return loss, {name: value.detach() for name, value in parts.items()}
