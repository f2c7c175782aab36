# SPDX-License-Identifier: GPL-3.0-or-later
"""Captured takes as a network hears them, and rows of them to tune its decoder on.

The encoders stay as they are, so a take is heard once. The decoder is cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn

from ...curves import lip_opening
from ...inference.performance import MAX_INTENSITY
from ...inference.progress import Report
from ...inference.session import Session
from ...network.emotions import emotion_offsets
from ...network.model import EmoTalk
from ..captures.captures import Capture

PLAIN_PART = 0.5
"""Part of the rows that follow the actor plainly: From Voice, intensity 1, person 0; the rest are directed."""

OTHER_PERSON_PART = 0.3
"""Part of the directed rows with another person than 0."""


@dataclass(frozen=True)
class HeardTake:
    """A take after the encoders.

    content: [frames, content_features]; emotion: hidden emotion features, [frames, emotion width]; to_neutral: what
    setting the neutral emotion adds to them, [emotion width]; to_emotion: what each emotion adds to that at intensity
    1, [emotions, emotion width]; curves: [frames, 52]; captured: bool [52].
    """

    name: str
    content: Tensor
    emotion: Tensor
    to_neutral: Tensor
    to_emotion: Tensor
    curves: Tensor
    captured: Tensor

    @property
    def frames(self) -> int:
        """Number of frames at 30 fps."""
        return len(self.curves)

    @cached_property
    def widest(self) -> float:
        """How far the actor's lips are apart at their widest, the 95th percentile."""
        return float(np.percentile(lip_opening(self.curves.numpy()), 95))

    def directed(self, emotion: int | None, intensity: float) -> Tensor:
        """The emotion features with an emotion set (None: From Voice), [frames, emotion width]."""
        if emotion is None:
            return self.emotion
        return self.emotion + self.to_neutral + intensity * self.to_emotion[emotion]


@dataclass(frozen=True)
class Rows:
    """Stretches of takes, each with a direction; rows shorter than the longest are filled up at their end.

    content, plain, emotion: [rows, frames, features], where `plain` are the emotion features as heard and `emotion`
    as directed; intensity, person: [rows]; is_plain: bool [rows], no direction; curves: [rows, frames, 52]; known:
    [rows, frames, 52], 1 where the actor was captured, else 0; real: [rows, frames, 1], 0 where filled up; widest: how
    far the actor's lips are apart at their widest, [rows].
    """

    content: Tensor
    plain: Tensor
    emotion: Tensor
    intensity: Tensor
    person: Tensor
    is_plain: Tensor
    curves: Tensor
    known: Tensor
    real: Tensor
    widest: Tensor


def hear(session: Session, capture: Capture, report: Report) -> HeardTake:
    """Hear a take; all that it holds stays on the CPU."""

    def progress(_: str, part: float) -> None:
        report(f"Listening to {capture.name}", part)

    features = session.hear(capture.samples, progress)
    network = session.network
    offsets = emotion_offsets(
        features.emotion.to(session.device),
        torch.ones(len(network.config.emotions), dtype=torch.bool, device=session.device),
        network.prototypes,
        network.classifier.forward,
    ).cpu()
    to_neutral = torch.zeros_like(offsets[0]) if network.neutral is None else offsets[network.neutral]
    curves = torch.from_numpy(capture.curves)
    # A capture of N frames has N / 30 s of sound, which may round to a frame more.
    return HeardTake(
        capture.name,
        features.content[: len(curves)],
        features.emotion[: len(curves)],
        to_neutral,
        offsets - to_neutral,
        curves,
        torch.from_numpy(capture.captured),
    )


def perform(network: EmoTalk, take: HeardTake, emotion: int | None = None, intensity: float = 1.0) -> Tensor:
    """The curves of a whole take, as the network gives them: [frames, 52], on the CPU."""
    device = network.blendshape_map.weight.device
    with torch.no_grad():
        curves = network.fuse_rows(
            take.content[None].to(device),
            take.directed(emotion, intensity)[None].to(device),
            torch.tensor([intensity], device=device),
            torch.zeros(1, dtype=torch.long, device=device),
        )
    return curves[0].cpu()


def draw_rows(takes: list[HeardTake], count: int, frames: int, network: EmoTalk, rng: np.random.Generator) -> Rows:
    """Random stretches of at most `frames` frames, on the network's device, the plain ones first.

    Directed rows have a random emotion or From Voice, an intensity up to MAX_INTENSITY and now and then another person.
    """
    lengths = np.array([take.frames for take in takes], np.float64)
    stretches = []
    for row in range(count):
        take = takes[int(rng.choice(len(takes), p=lengths / lengths.sum()))]
        is_plain = row < PLAIN_PART * count
        choice = int(rng.integers(-1, len(network.config.emotions)))
        intensity = 1.0 if is_plain else float(rng.uniform(0, MAX_INTENSITY))
        other = not is_plain and rng.random() < OTHER_PERSON_PART
        emotion = take.directed(None if is_plain or choice < 0 else choice, intensity)
        start = int(rng.integers(max(1, take.frames - frames + 1)))
        part = slice(start, start + frames)
        length = len(take.curves[part])
        stretches.append(
            {
                "content": take.content[part],
                "plain": take.emotion[part],
                "emotion": emotion[part],
                "intensity": torch.tensor(intensity),
                "person": torch.tensor(int(rng.integers(network.config.persons)) if other else 0),
                "is_plain": torch.tensor(is_plain),
                "curves": take.curves[part],
                "known": take.captured.float().expand(length, -1),
                "real": torch.ones(length, 1),
                "widest": torch.tensor(take.widest),
            }
        )
    device = network.blendshape_map.weight.device
    return Rows(**{name: _stacked([stretch[name] for stretch in stretches]).to(device) for name in stretches[0]})


def _stacked(parts: list[Tensor]) -> Tensor:
    """One tensor of all rows, the shorter ones filled up with zeros at their end."""
    return nn.utils.rnn.pad_sequence(parts, batch_first=True) if parts[0].ndim else torch.stack(parts)
