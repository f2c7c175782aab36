# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of a tuned network on held-out takes, beside its base."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...curves import ARKIT_NAMES, CHANNEL, FloatArray, lip_opening
from ...network.model import EmoTalk
from ..evaluation.closures import actor_closures, sum_closures
from ..evaluation.emotion_figures import part_shown
from ..evaluation.figures import correlation
from .heard_takes import HeardTake, perform

STILL = 0.01
"""Standard deviation under which a channel says nothing about correlation and range."""


@dataclass(frozen=True)
class ChannelFigures:
    """One captured channel over all held-out frames, From Voice at intensity 1.

    error: root of the mean squared error, as a weight; correlation; spread: standard deviation over the actor's. The
    last two are None where the actor hardly moves it.
    """

    name: str
    error: float
    correlation: float | None
    spread: float | None


@dataclass(frozen=True)
class TuningFigures:
    """A network on held-out takes.

    opening: correlation of the lips' opening with the actor's; closed: part of the actor's brief closures in which the
    lips close too, chance: the same for curves moved in time (see closures.actor_closures); all three None where no jaw
    was captured or never closed. error: mean of the channels' errors; spread: their median. kept_channels: mean change
    from the base in channels that were not captured, as a weight; emotions: mean part of what the base adds for a set
    emotion that this network adds too (1: all of it), None for networks without a neutral emotion.
    """

    opening: float | None
    closed: float | None
    chance: float | None
    error: float
    spread: float
    channels: tuple[ChannelFigures, ...]
    kept_channels: float
    emotions: float | None


def normalised_error(network: EmoTalk, takes: list[HeardTake], spread: Tensor) -> float:
    """Mean squared error in the captured channels over their spread [52]; what the best state is chosen by."""
    total, count = 0.0, 0
    for take in takes:
        squares = ((perform(network, take).clamp(0, 1) - take.curves) / spread).square()[:, take.captured]
        total, count = total + float(squares.sum()), count + squares.numel()
    return total / max(count, 1)


def compare(base: EmoTalk, network: EmoTalk, takes: list[HeardTake]) -> TuningFigures:
    """All figures of a network on takes that it has not learned from."""
    plain = [perform(network, take) for take in takes]
    before = [perform(base, take) for take in takes]
    captured = torch.stack([take.captured for take in takes])
    channels = []
    for channel in torch.nonzero(captured.any(dim=0)).flatten().tolist():
        told = [number for number, take in enumerate(takes) if take.captured[channel]]
        found = torch.cat([plain[number][:, channel].clamp(0, 1) for number in told])
        actor = torch.cat([takes[number].curves[:, channel] for number in told])
        channels.append(_channel(ARKIT_NAMES[channel], found.numpy(), actor.numpy()))
    changes = [(one - other).abs() for one, other in zip(plain, before, strict=True)]
    untold = torch.cat([change[:, ~take.captured].flatten() for change, take in zip(changes, takes, strict=True)])
    openings = _openings(plain, takes)
    closures = sum_closures([actor_closures(ours, actor) for ours, actor in openings])
    spreads = [figures.spread for figures in channels if figures.spread is not None]
    return TuningFigures(
        opening=correlation(*map(np.concatenate, zip(*openings, strict=True))) if openings else None,
        closed=closures.closed if closures.count else None,
        chance=closures.chance if closures.count else None,
        error=float(np.mean([figures.error for figures in channels])),
        spread=float(np.median(spreads)) if spreads else 0.0,
        channels=tuple(channels),
        kept_channels=float(untold.mean()) if len(untold) else 0.0,
        emotions=_emotions_kept(base, network, takes),
    )


def _openings(found: list[Tensor], takes: list[HeardTake]) -> list[tuple[FloatArray, FloatArray]]:
    """The lips' openings, ours and the actor's [frames], of the takes whose jaw was captured."""
    return [
        (lip_opening(curves.clamp(0, 1).numpy()), lip_opening(take.curves.numpy()))
        for curves, take in zip(found, takes, strict=True)
        if take.captured[CHANNEL["jawOpen"]]
    ]


def _channel(name: str, found: FloatArray, actor: FloatArray) -> ChannelFigures:
    """The figures of one channel."""
    error = float(np.sqrt(np.mean((found - actor) ** 2)))
    deviation = float(actor.std())
    if deviation < STILL:
        return ChannelFigures(name, error, None, None)
    return ChannelFigures(name, error, correlation(found, actor), float(found.std()) / deviation)


def _emotions_kept(base: EmoTalk, network: EmoTalk, takes: list[HeardTake]) -> float | None:
    """How much of the base's mean change from neutral shows, along that change, over all emotions and takes."""
    neutral = base.neutral
    if neutral is None:
        return None
    parts = []
    for take in takes:
        rest, base_rest = perform(network, take, neutral), perform(base, take, neutral)
        for emotion in range(len(base.config.emotions)):
            if emotion != neutral:
                change = (perform(network, take, emotion) - rest).mean(dim=0).numpy()
                wanted = (perform(base, take, emotion) - base_rest).mean(dim=0).numpy()
                parts.append(part_shown(change, wanted))
    return float(np.mean(parts)) if parts else None


def table(before: TuningFigures, after: TuningFigures) -> str:
    """Both beside each other as text to read."""
    lines = [f"{'held-out takes, From Voice':28s}{'before':>8s}{'after':>8s}"]
    for name, was, now in (
        ("opening, correlation", before.opening, after.opening),
        ("closures as the actor's", before.closed, after.closed),
        ("  by chance", before.chance, after.chance),
        ("error of a channel", before.error, after.error),
        ("range over the actor's", before.spread, after.spread),
    ):
        lines.append(f"  {name:26s}{_shown(was)}{_shown(now)}")
    lines.append(f"{'captured channels':20s}{'error':>16s}{'correlation':>16s}{'range':>16s}")
    for old, new in zip(before.channels, after.channels, strict=True):
        pairs = ((old.error, new.error), (old.correlation, new.correlation), (old.spread, new.spread))
        lines.append(f"  {old.name:18s}" + "".join(f"{_shown(was)}{_shown(now)}" for was, now in pairs))
    lines.append(f"change in channels that were not captured: {after.kept_channels:.4f}")
    if after.emotions is not None:
        lines.append(f"set emotions, part of what the base shows: {100 * after.emotions:.0f} %")
    return "\n".join(lines) + "\n"


def _shown(value: float | None) -> str:
    """A figure, or a dash where there is none."""
    return f"{'-':>8s}" if value is None else f"{value:8.3f}"
