# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network is trained to do, as one number with its parts."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from ...curves import CHANNEL, lip_gap, lip_opening
from ..corpus.batches import BILABIAL_INDICES, CONTACT_INDICES, Batch
from ..corpus.corpus import UNKNOWN

TOUCH = 0.02
"""Opening of the target's lips below which they touch."""
CLOSE_ENOUGH = 0.01
"""Opening beyond the target's that costs nothing where its lips touch."""
WIDE = 0.15
"""Opening of the target's lips from which the mouth is open for certain."""
WIDE_PART = 0.5
"""Part of a wide opening that the lips must reach, or it costs."""

_JAW = CHANNEL["jawOpen"]


@dataclass(frozen=True)
class LossWeights:
    """Weights of the losses; the reconstruction itself has weight 1.

    jaw: of jawOpen within the reconstruction; contact: of frames in which lips touch, there and in P B M F V.
    velocity: of the frame differences; range: of each channel's range of movement; phone, emotion: of the
    cross-entropies; closure: of lips apart where they must touch; wide: of lips together where the mouth is open.
    """

    jaw: float = 4.0
    contact: float = 2.0
    velocity: float = 4.0
    range: float = 0.15
    phone: float = 0.4
    emotion: float = 0.5
    closure: float = 1.5
    wide: float = 0.75


@dataclass(frozen=True)
class Predictions:
    """What the network says of a batch.

    curves: [batch, frames, 52]; phone_logits: [batch, frames, phones]; emotion_logits: [batch, emotions].
    """

    curves: Tensor
    phone_logits: Tensor
    emotion_logits: Tensor


def reconstruction(curves: Tensor, batch: Batch, spread: Tensor, weights: LossWeights) -> Tensor:
    """Squared error over each channel's spread [52], as far as it is known; frames of contact count more."""
    contact = _touching(batch) | torch.isin(batch.phones, torch.tensor(CONTACT_INDICES, device=curves.device))
    frame_weights = 1 + (weights.contact - 1) * contact[..., None]
    channel_weights = torch.ones_like(spread)
    channel_weights[_JAW] = weights.jaw
    squares = ((curves - batch.target) / spread).square() * channel_weights
    return (squares * frame_weights * batch.known[:, None]).sum() / (frame_weights.sum() * curves.shape[-1])


def velocity(curves: Tensor, batch: Batch, spread: Tensor) -> Tensor:
    """Squared error of the differences between frames over each channel's spread, as far as they are known."""
    squares = ((curves.diff(dim=1) - batch.target.diff(dim=1)) / spread).square()
    return (squares * batch.known[:, None]).mean()


def movement(curves: Tensor, batch: Batch, spread: Tensor) -> Tensor:
    """Squared difference of each channel's standard deviation in each row over its spread, as far as it is known.

    A mean of all that may be meant by a sound is flatter than any of it.
    """
    difference = (deviation(curves) - deviation(batch.target)) / spread
    return (difference.square() * batch.known).mean()


def deviation(values: Tensor) -> Tensor:
    """Standard deviation over the frames, with a slope where nothing moves: [..., frames, 52] to [..., 52]."""
    return (values.var(dim=-2) + 1e-6).sqrt()


def closure(curves: Tensor, batch: Batch, spread: Tensor) -> Tensor:
    """How much further than the target's the lips are apart where those touch and in P, B and M, over all frames.

    Averaged over these frames alone it would outweigh the reconstruction so far that the mouth hardly opened at all.
    """
    bilabial = torch.isin(batch.phones, torch.tensor(BILABIAL_INDICES, device=curves.device))
    excess = torch.relu(lip_opening(curves) - lip_opening(batch.target) - CLOSE_ENOUGH) / spread[_JAW]
    return (excess * (_touching(batch) | bilabial) * batch.known[:, None, _JAW]).mean()


def shut_when_wide(curves: Tensor, batch: Batch, spread: Tensor) -> Tensor:
    """How far the lips are from half the opening of the target where its mouth is wide open, over all frames."""
    wanted = lip_opening(batch.target)
    # Of the gap, not the opening: lips that are pushed through each other must be drawn apart too.
    missing = torch.relu(WIDE_PART * wanted - lip_gap(curves)) / spread[_JAW]
    return (missing * (wanted > WIDE) * batch.known[:, None, _JAW]).mean()


def _touching(batch: Batch) -> Tensor:
    """In which frames the target's lips touch, bool [batch, frames]."""
    return lip_opening(batch.target) < TOUCH


def total(
    predictions: Predictions, batch: Batch, spread: Tensor, weights: LossWeights
) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum, and each part unweighted by name."""
    curves, phones = predictions.curves, batch.phones.flatten()
    parts = {
        "reconstruction": reconstruction(curves, batch, spread, weights),
        "velocity": velocity(curves, batch, spread),
        "range": movement(curves, batch, spread),
        "phone": _cross_entropy(predictions.phone_logits.flatten(0, 1), phones),
        "emotion": _cross_entropy(predictions.emotion_logits, batch.voice),
        "closure": closure(curves, batch, spread),
        "wide": shut_when_wide(curves, batch, spread),
    }
    scale = {"reconstruction": 1.0, **asdict(weights)}
    loss = sum((scale[name] * value for name, value in parts.items()), torch.zeros((), device=curves.device))
    return loss, {name: value.detach() for name, value in parts.items()}


def _cross_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    """Of rows of logits against indices, those that are known; 0 where none is."""
    known = wanted != UNKNOWN
    summed = nn.functional.cross_entropy(logits, wanted, ignore_index=UNKNOWN, reduction="sum")
    return summed / known.sum().clamp(min=1)
