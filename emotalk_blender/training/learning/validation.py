# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of a network that learns, on fixed crops of the validation clips."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import torch
from torch import Tensor

from ...curves import CHANNEL, lip_opening
from ..corpus.batches import BILABIAL_INDICES, Batch, BatchSources, CorpusReader, RowShares, draw_batch
from .losses import TOUCH, Predictions
from .trainee import Trainee

BATCHES, ROWS, CAPTURED_ROWS = 6, 8, 6
OPEN_PART = 0.5
"""An actor's mouth counts as wide open above that part of the widest in the batch (its 95th percentile)."""
SHUT_PART = 0.3
"""Lips count as together below that part of their own range."""
CAPTURED_CHANNELS = ("jawOpen", "mouthFunnel", "mouthPucker", "mouthUpperUpLeft", "mouthLowerDownLeft")

Collected = dict[str, list[Tensor]]


@torch.no_grad()
def validate(
    trainee: Trainee, spoken: CorpusReader, captured: CorpusReader, frames: int, device: torch.device
) -> dict[str, float]:
    """Figures by name, to four digits; the same crops for every network.

    opening: correlation of the lips' opening with the rules'; range: its 95th percentile over theirs; closed:
    opening in P B M over the mean in the rest; phones, emotions: accuracy of the two heads.
    captured: of captured performances, correlation of the opening with the actors'; captured_closed: part of the frames
    in which their lips touch while ours are together; captured_shut: the same where their mouths are wide open;
    captured_range: 95th percentile of the opening over theirs; captured_NAME: correlation of a channel.
    """
    trainee.eval()
    found: Collected = defaultdict(list)
    actors: Collected = defaultdict(list)
    for number in range(BATCHES):
        rng = np.random.default_rng([1, number])
        batch = draw_batch(BatchSources(spoken), ROWS, frames, rng).to(device)
        _collect_spoken(found, trainee(batch), batch)
        if captured.clips:
            batch = draw_batch(BatchSources(spoken, captured), CAPTURED_ROWS, frames, rng, RowShares(captured=1.0)).to(
                device
            )
            _collect_captured(actors, trainee(batch), batch)
    trainee.train()
    figures = _spoken_figures({name: torch.cat(parts) for name, parts in found.items()})
    if actors:
        figures |= _captured_figures({name: torch.cat(parts) for name, parts in actors.items()})
    return {f"validation_{name}": round(value, 4) for name, value in figures.items()}


def _collect_spoken(found: Collected, predictions: Predictions, batch: Batch) -> None:
    """Note what the figures of the rules' speech are made of."""
    opening = lip_opening(predictions.curves)
    bilabial = torch.isin(batch.phones, torch.tensor(BILABIAL_INDICES, device=opening.device))
    found["closed"].append(opening[bilabial])
    found["opened"].append(opening[(batch.phones > 0) & ~bilabial])
    found["opening"].append(opening.flatten())
    found["wanted"].append(lip_opening(batch.target).flatten())
    found["phones"].append((predictions.phone_logits.argmax(-1) == batch.phones).float().flatten())
    found["emotions"].append((predictions.emotion_logits.argmax(-1) == batch.voice).float())


def _collect_captured(actors: Collected, predictions: Predictions, batch: Batch) -> None:
    """Note what the figures of captured performances are made of: their plain rows alone."""
    plain = ~batch.is_set
    actors["opening"].append(lip_opening(predictions.curves)[plain].flatten())
    actors["wanted"].append(lip_opening(batch.target)[plain].flatten())
    for name in CAPTURED_CHANNELS:
        column = CHANNEL[name]
        pair = (predictions.curves[plain][..., column], batch.target[plain][..., column])
        actors[name].append(torch.stack([curve.flatten() for curve in pair], dim=1))


def _spoken_figures(found: dict[str, Tensor]) -> dict[str, float]:
    """The figures of the rules' speech."""
    return {
        "opening": _correlation(found["opening"], found["wanted"]),
        "range": float(torch.quantile(found["opening"], 0.95) / torch.quantile(found["wanted"], 0.95)),
        "closed": float(found["closed"].mean() / found["opened"].mean()),
        "phones": float(found["phones"].mean()),
        "emotions": float(found["emotions"].mean()),
    }


def _captured_figures(actors: dict[str, Tensor]) -> dict[str, float]:
    """The figures of captured performances."""
    opening, wanted = actors["opening"], actors["wanted"]
    ours, theirs = torch.quantile(opening, 0.95), torch.quantile(wanted, 0.95)
    shut = (opening < SHUT_PART * ours).float()
    figures = {
        "captured": _correlation(opening, wanted),
        "captured_closed": float(shut[wanted < TOUCH].mean()),
        "captured_shut": float(shut[wanted > OPEN_PART * theirs].mean()),
        "captured_range": float(ours / theirs.clamp(min=1e-6)),
    }
    return figures | {f"captured_{name}": _correlation(*actors[name].unbind(dim=1)) for name in CAPTURED_CHANNELS}


def _correlation(one: Tensor, other: Tensor) -> float:
    """Pearson's of two rows of values."""
    return float(torch.corrcoef(torch.stack([one, other]))[0, 1])
