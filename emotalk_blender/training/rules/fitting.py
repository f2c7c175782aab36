# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits the numbers of the articulation rules to captured faces whose phones are known.

The rules are run as they are (articulation.blend), in PyTorch, and everything that they go by follows the gradient:
targets, pulls, timings, powers of loudness. A number keeps to what it was unless the captures speak against it: classes
of shapes (CLASSES) move as one with little resistance, single shapes away from their class with more. So a shape that
the captures lack keeps its relation to its class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ...curves import CHANNEL, DoubleArray, FloatArray
from .articulation import LOUDNESS_LIMITS, SMOOTHING_SECONDS, articulate, parts, silence_pull
from .articulation_table import GROUPS, Shape, Table, Timing
from .loudness import RATE
from .phones import BILABIALS, LABIODENTALS, SILENCE, Phone

CHANNELS: dict[str, tuple[str, ...]] = {
    "jaw": ("jawOpen",),
    "lower": ("mouthLowerDownLeft", "mouthLowerDownRight"),
    "upper": ("mouthUpperUpLeft", "mouthUpperUpRight"),
    "shrug_lower": ("mouthShrugLower",),
    "shrug_upper": ("mouthShrugUpper",),
    "funnel": ("mouthFunnel",),
    "pucker": ("mouthPucker",),
    "stretch": ("mouthStretchLeft", "mouthStretchRight"),
    "smile": ("mouthSmileLeft", "mouthSmileRight"),
}
"""The blendshapes whose mean each channel of a shape is; of the jaw less mouthClose, which takes back what it opens."""

REACH: dict[str, float] = {
    "jaw": 0.34, "lower": 0.37, "upper": 0.32, "shrug_lower": 0.14, "shrug_upper": 0.22,
    "funnel": 0.33, "pucker": 0.60, "stretch": 0.20, "smile": 0.31,
}  # fmt: skip
"""How far each channel goes in speech (95th percentile). Trackers disagree on it (jawOpen 0.08 to 0.40 by speaker for
one of them), so each speaker's channels are scaled to what phones with depth cameras show."""
FAINT = 0.05
"""Reach of a speaker's channel under which it was as good as not captured."""

CLASSES: dict[str, tuple[str, ...]] = {
    "open vowels": ("AA", "AE", "AH", "EH"),
    "close vowels": ("IY", "IH", "Y"),
    "rounded": ("AO", "UH", "UW", "OW begins", "ER", "W", "R"),
    "hush": ("hush",),
    "tongue": ("tongue tip", "tongue back", "dental", "sibilant", "L", "HH"),
}
KEPT = ("rest", "bilabial", "labiodental")
"""Shapes that keep their targets: what the lips do there is contact (see articulation.py)."""

FIRM: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("sibilant", ("jaw", "funnel", "pucker", "smile")),
    ("hush", ("jaw", *GROUPS["corners"])),
    ("R", ("jaw", "pucker")),
    *((name, GROUPS["corners"]) for name in ("AA", "AH")),
    *((name, ("funnel", "pucker")) for name in ("AE", "EH", *CLASSES["close vowels"])),
    *((name, GROUPS["corners"]) for name in ("tongue tip", "tongue back", "dental", "L", "HH")),
)
"""What is known of how sounds are made, and resists FIRMNESS times as much: teeth all but meet in sibilants, whatever a
camera sees of the chin; R rounds the lips; unrounded vowels and the tongue alone don't, though a fit takes parted lips
for it."""
FIRMNESS = 20.0
STEEPEST = 2.5
FARTHEST = 1.5
"""A channel that was fitted to next to nothing is not scaled further than that."""
SINGLE_RATE = 0.3
"""Rate at which single shapes learn, in parts of that of their class: Adam would move both alike."""
FIT_RATE = 60
"""Samples a second on which the rules are fitted."""
SILENCE_WEIGHT = 0.3
"""Of frames in silence; those on P, B, M, F, V count nothing: there the rules go by contact and not by targets."""


@dataclass(frozen=True)
class SpokenCapture:
    """A captured performance whose phones are known.

    speaker: whose captures are on one scale; phones: without gaps from 0; level: loudness at 120 Hz, as `loudness`
    gives it; curves: float32 [frames, 52] at 30 fps; weight: of each frame, [frames], 0 or above.
    """

    speaker: str
    phones: list[Phone]
    level: DoubleArray
    curves: FloatArray
    weight: FloatArray


@dataclass(frozen=True)
class FitSettings:
    """How hard the captures pull at the numbers.

    single, together: resistance of a shape, and of its class, in parts of the reach; pulls, timings: resistance of
    their logarithms. Small enough that a shape with a hundredth of the frames is free.
    """

    steps: int = 120
    rate: float = 0.02
    single: float = 1e-2
    together: float = 1e-3
    pulls: float = 3e-3
    timings: float = 3e-2
    power: float = 3e-2


class _Numbers(nn.Module):
    """All numbers of a table, as a start and a change that is learnt."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.table = table
        self.names = list(table.shapes)
        member = {shape: place for place, shapes in enumerate(CLASSES.values()) for shape in shapes}
        self.classes = torch.tensor([member.get(name, len(CLASSES)) for name in self.names])
        self.moving = torch.tensor([name not in KEPT for name in self.names])[:, None]
        self.firmness = {group: _firmness(self.names, channels) for group, channels in GROUPS.items()}
        self.shifts, self.changes, self.pulls, self.timings = (nn.ParameterDict() for _ in range(4))
        for group, channels in GROUPS.items():
            self.shifts[group] = nn.Parameter(torch.zeros(len(CLASSES) + 1, len(channels)))
            self.changes[group] = nn.Parameter(torch.zeros(len(self.names), len(channels)))
            self.pulls[group] = nn.Parameter(torch.zeros(len(self.names)))
            self.timings[group] = nn.Parameter(torch.zeros(len(fields(Timing))))

    def targets(self, group: str) -> Tensor:
        """Targets of the shapes in the channels of a group, [shapes, channels]; rest stays rest."""
        start = torch.tensor(
            [[getattr(shape, channel) for channel in GROUPS[group]] for shape in self.table.shapes.values()]
        )
        shifts = self.shifts[group][self.classes] / self.firmness[group]
        moved = start + (shifts + self.changes[group]) * self.moving
        positive: Tensor = nn.functional.leaky_relu(moved, 0.01)
        return positive

    def pull(self, group: str) -> Tensor:
        """Pulls of the shapes in a group, [shapes]."""
        start = torch.tensor([getattr(shape, f"{group}_pull") for shape in self.table.shapes.values()])
        pulls: Tensor = start * self.pulls[group].exp()
        return pulls

    def timing(self, group: str) -> tuple[Tensor, ...]:
        """Lead, attack, release and power of a group."""
        start = torch.tensor([getattr(self.table.timings[group], field.name) for field in fields(Timing)])
        return tuple(start * self.timings[group].exp())

    def resistance(self, settings: FitSettings) -> Tensor:
        """How far the numbers went from where they were."""
        total = torch.zeros(())
        for group, channels in GROUPS.items():
            reach = torch.tensor([REACH[channel] for channel in channels])
            changes = (self.changes[group] / reach).square() * self.firmness[group]
            total = total + settings.single * changes.sum()
            total = total + settings.together * (self.shifts[group] / reach).square().sum()
            pulls = self.pulls[group].square() * self.firmness[group].amax(dim=1)
            total = total + settings.pulls * pulls.sum()
            total = total + settings.timings * self.timings[group][:-1].square().sum()
            total = total + settings.power * self.timings[group][-1].square()
        return total

    def read(self) -> Table:
        """The numbers as a table."""
        with torch.no_grad():
            values: list[dict[str, float]] = [{} for _ in self.names]
            for group, channels in GROUPS.items():
                targets, pulls = self.targets(group).clamp(0, 1), self.pull(group)
                for place, row in enumerate(values):
                    row |= {channel: float(targets[place, column]) for column, channel in enumerate(channels)}
                    row[f"{group}_pull"] = float(pulls[place])
            timings = {group: Timing(*(float(value) for value in self.timing(group))) for group in GROUPS}
        shapes = {name: Shape(**row) for name, row in zip(self.names, values, strict=True)}
        return replace(self.table, timings=timings, shapes=shapes)


def _firmness(names: list[str], channels: tuple[str, ...]) -> Tensor:
    """How many times as firm as others each target is, [shapes, channels]."""
    firm = dict(FIRM)
    return torch.tensor(
        [[FIRMNESS if channel in firm.get(name, ()) else 1.0 for channel in channels] for name in names]
    )


@dataclass(frozen=True)
class _Speech:
    """Captures as tensors of one length.

    shape, start, end, weight: of the parts of the phones, [captures, parts]; times: [samples]; level: [captures,
    samples] at FIT_RATE; goal, share: what the channels (in the order of CHANNELS) did and how much it counts,
    [captures, frames, channels].
    """

    shape: Tensor
    start: Tensor
    end: Tensor
    weight: Tensor
    times: Tensor
    level: Tensor
    goal: Tensor
    share: Tensor


def fit(captures: Sequence[SpokenCapture], table: Table, settings: FitSettings = FitSettings()) -> Table:
    """The table with its numbers fitted to the captures, each speaker's channels scaled to REACH (see `scale`)."""
    numbers = _Numbers(table)
    speech = _tensors(captures, table, numbers.names)
    single = set(numbers.changes.parameters())
    others = [entry for entry in numbers.parameters() if entry not in single]
    groups: list[dict[str, Any]] = [{"params": others}, {"params": list(single), "lr": SINGLE_RATE * settings.rate}]
    optimiser = torch.optim.Adam(groups, settings.rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.steps, settings.rate / 20)
    reach = torch.tensor(list(REACH.values()))
    for _ in range(settings.steps):
        error = ((_perform(numbers, speech) - speech.goal) / reach).square() * speech.share
        loss = error.sum() / speech.share.sum().clamp(min=1e-9) * len(REACH) + numbers.resistance(settings)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return numbers.read()


def reaching(captures: Sequence[SpokenCapture], table: Table) -> Table:
    """The table with its targets curved and scaled until each channel goes as far as REACH, and is as rarely there as
    in the captures: the mean of many faces is a flat one, which holds the mouth half open all the time.
    """
    scales = {speaker: scale(captures, speaker) for speaker in {capture.speaker for capture in captures}}
    shown = np.concatenate([_spoken(capture.curves, capture) * scales[capture.speaker] for capture in captures])
    reach = np.array(list(REACH.values()))
    usual = np.clip(np.median(shown, axis=0) / reach, 0.05, 0.95)
    for power in (True, False):
        performed = np.concatenate(
            [_spoken(articulate(capture.phones, capture.level, table).curves, capture) for capture in captures]
        )
        far = np.maximum(np.percentile(performed, 95, axis=0), FAINT)
        flat = np.clip(np.median(performed, axis=0) / far, 0.05, 0.95)
        curve = np.clip(np.log(usual) / np.log(flat), 1, STEEPEST) if power else np.ones(len(reach))
        table = _curved(table, far, reach, curve)
    return table


def _curved(table: Table, far: DoubleArray, reach: DoubleArray, curve: DoubleArray) -> Table:
    """The table with each channel's targets moved from `far` to `reach`, and smaller ones by that power further."""
    shapes = {}
    for name, shape in table.shapes.items():
        targets = np.array([getattr(shape, channel) for channel in CHANNELS])
        moved = np.clip(reach * np.minimum(targets / far, FARTHEST) ** curve, 0, 1)
        shapes[name] = shape if name in KEPT else replace(shape, **dict(zip(CHANNELS, map(float, moved), strict=True)))
    return replace(table, shapes=shapes)


def _spoken(curves: FloatArray, capture: SpokenCapture) -> FloatArray:
    """The channels in the frames of a capture in which targets count fully: [frames, channels]."""
    length = len(capture.curves)
    counted = (frame_weights(capture) == 1) & (capture.weight > 0)
    spoken: FloatArray = channel_values(curves[:length])[counted]
    return spoken


def channel_values(curves: FloatArray) -> FloatArray:
    """The channels of the shapes in blendshape curves [frames, 52]: [frames, channels], in the order of CHANNELS."""
    columns = [curves[:, [CHANNEL[name] for name in names]].mean(axis=1) for names in CHANNELS.values()]
    columns[0] = np.maximum(columns[0] - curves[:, CHANNEL["mouthClose"]], 0)
    values: FloatArray = np.stack(columns, axis=1).astype(np.float32)
    return values


def _perform(numbers: _Numbers, speech: _Speech) -> Tensor:
    """The channels by the rules: [captures, frames, channels]."""
    every = FIT_RATE // 30
    performed = []
    for group in GROUPS:
        lead, attack, release, power = numbers.timing(group)
        first = speech.start - lead
        last = torch.maximum(speech.end - 0.5 * lead, first + 0.01)
        before = torch.relu(first[:, None] - speech.times[:, None]) / attack
        after = torch.relu(speech.times[:, None] - last[:, None]) / release
        pull = numbers.pull(group)[speech.shape] * speech.weight
        dominance = pull[:, None] * torch.exp(-before - after) + 1e-12
        blended = dominance / dominance.sum(dim=2, keepdim=True) @ numbers.targets(group)[speech.shape]
        gain = _smooth(speech.level[..., None] ** power, 0.06)
        performed.append((_smooth(blended, SMOOTHING_SECONDS) * gain)[:, ::every])
    return torch.cat(performed, dim=2)


def _smooth(values: Tensor, seconds: float) -> Tensor:
    """Values [captures, samples, channels] under a Hann window of that width, ends held; as loudness.smooth."""
    half = max(1, int(seconds * FIT_RATE / 2))
    window = torch.hann_window(2 * half + 3, periodic=False)[1:-1]
    turned = nn.functional.pad(values.transpose(1, 2), (half, half), mode="replicate")
    kernel = (window / window.sum()).expand(turned.shape[1], 1, -1)
    return nn.functional.conv1d(turned, kernel, groups=turned.shape[1]).transpose(1, 2)


def _tensors(captures: Sequence[SpokenCapture], table: Table, names: list[str]) -> _Speech:
    """The captures on one length."""
    index = {name: place for place, name in enumerate(names)}
    scales = {speaker: scale(captures, speaker) for speaker in {capture.speaker for capture in captures}}
    spoken = [[part for phone in capture.phones for part in parts(phone, table)] for capture in captures]
    labels = [[name for phone in capture.phones for name in table.phones[phone.name]] for capture in captures]
    width, frames = max(map(len, spoken)), max(len(capture.curves) for capture in captures)
    samples = frames * FIT_RATE // 30
    shape, start, end, weight = (np.zeros((len(captures), width), np.float32) for _ in range(4))
    level = np.zeros((len(captures), samples), np.float32)
    goal, share = (np.zeros((len(captures), frames, len(CHANNELS)), np.float32) for _ in range(2))
    for row, capture in enumerate(captures):
        count = len(spoken[row])
        shape[row, :count] = [index[name] for name in labels[row]]
        start[row, :count] = [part.start for _, part in spoken[row]]
        end[row, :count] = [part.end for _, part in spoken[row]]
        weight[row, :count] = [silence_pull(part) for _, part in spoken[row]]
        heard = np.clip(capture.level, *LOUDNESS_LIMITS)[:: RATE // FIT_RATE]
        level[row] = np.pad(heard[:samples], (0, max(0, samples - len(heard))), mode="edge")
        length = len(capture.curves)
        goal[row, :length] = channel_values(capture.curves) * scales[capture.speaker]
        share[row, :length] = (frame_weights(capture) * capture.weight)[:, None] * (scales[capture.speaker] > 0)
    times = np.arange(samples, dtype=np.float32) / FIT_RATE
    tensors = [torch.from_numpy(array) for array in (start, end, weight, times, level, goal, share)]
    return _Speech(torch.from_numpy(shape).long(), *tensors)


def scale(captures: Sequence[SpokenCapture], speaker: str) -> FloatArray:
    """Factors that give a speaker's channels their REACH, [channels]; 0 where a channel shows nothing."""
    own = [capture for capture in captures if capture.speaker == speaker]
    spoken = np.concatenate([_spoken(capture.curves, capture) for capture in own])
    far = np.percentile(spoken, 95, axis=0)
    factors: FloatArray = np.where(far > FAINT, np.array(list(REACH.values())) / np.maximum(far, FAINT), 0)
    return factors.astype(np.float32)


def frame_weights(capture: SpokenCapture) -> FloatArray:
    """How much each frame tells about targets, [frames]: silence less than speech, contact nothing."""
    weights = np.full(len(capture.curves), SILENCE_WEIGHT, np.float32)
    for phone in capture.phones:
        inside = slice(round(phone.start * 30), round(phone.end * 30))
        weights[inside] = (
            0.0 if phone.name in BILABIALS | LABIODENTALS else SILENCE_WEIGHT if phone.name == SILENCE else 1.0
        )
    return weights
