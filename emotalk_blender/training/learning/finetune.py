# SPDX-License-Identifier: GPL-3.0-or-later
"""Fine-tuning: a network takes over an actor's way of speaking from captured takes.

The encoders, and with them what the network hears, stay as they are; its decoder learns. Half of each batch follows
the actor as captured. The other half is directed (an emotion, an intensity, another person), and must give the actor's
curves plus what the network added for that direction before it was tuned. Channels that were not captured must stay
as they were. So the takes need no emotions of their own, and directing works as before.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ...curves import CHANNEL, FPS, SAMPLE_RATE, lip_opening
from ...errors import EmoTalkError
from ...inference.progress import Report, quiet
from ...inference.session import Session
from ...network.checkpoint import save_checkpoint
from ...network.model import EmoTalk
from ..captures.captures import Capture
from ..evaluation.closures import CLOSED_PART
from .heard_takes import HeardTake, Rows, draw_rows, hear, perform
from .learning_state import LearningState, optimiser_for, read_notes, warm_up_and_cosine
from .tuning_figures import TuningFigures, compare, normalised_error

HELD_OUT_EVERY = 5
LEAST_SECONDS = 5.0
"""Seconds that the takes to learn from need together."""
LEAST_HELD_OUT = 1.0
LAST_RATE = 0.05
"""Part of the learning rate that is left at the end."""
TUNED = ("emotion_map", "emotion_narrow_map", "level_map", "person_map", "decoder", "blendshape_map")
"""Parts of the network that learn: all after the encoders but the classifier and the prototypes."""
LEAST_SPREAD = 0.03
"""Standard deviation that a channel counts to have at least, so that tiny ones do not rule."""


@dataclass(frozen=True)
class FinetuneSettings:
    """Everything that determines the tuning, with the base and the takes.

    learning_rate: after `warm_up` steps; from there it falls as a cosine to LAST_RATE of it. frames: the longest
    stretch at 30 fps; rows: stretches in a step; jaw: weight of jawOpen in the reconstruction, velocity: of the
    differences between frames, range: of the difference in standard deviation, without which the curves come out flat,
    closure: of lips apart where the actor's are together; checks: how often the held-out takes are looked at, and where
    it stands is kept.
    """

    seed: int = 0
    steps: int = 200
    rows: int = 4
    frames: int = 240
    learning_rate: float = 1e-3
    warm_up: int = 10
    gradient_norm: float = 1.0
    jaw: float = 4.0
    velocity: float = 4.0
    range: float = 1.0
    closure: float = 0.15
    checks: int = 12


@dataclass(frozen=True)
class Tuned:
    """What came of it.

    network: the best state on the held-out takes; step: when it was reached, 0 where nothing was better
    than the base; before, after: figures on the held-out takes; learned_from, held_out: names of takes.
    """

    network: EmoTalk
    step: int
    before: TuningFigures
    after: TuningFigures
    learned_from: list[str]
    held_out: list[str]


class Takes(NamedTuple):
    """Takes to learn from, and takes to judge on."""

    learned: list[Capture]
    judged: list[Capture]


def finetune(
    session: Session,
    takes: Takes,
    out: Path,
    settings: FinetuneSettings = FinetuneSettings(),
    report: Report = quiet,
) -> Tuned:
    """Tune a network, loaded exactly, on takes (see `split`) and write the result to `out`.

    Where it was stopped before with the same takes, network and settings, it goes on from its last check, which is kept
    beside `out` until it is done. The licence of the network is carried on. Raises EmoTalkError where `out` exists or
    has no folder.
    """
    check_out(out)
    unfinished = out.with_name(out.name + ".unfinished")
    tuned = tune(session, takes, settings, report, unfinished)
    seconds = sum(len(capture.samples) for capture in takes.learned) / SAMPLE_RATE
    how = f"fine-tuned on {seconds / 60:.1f} minutes of captured takes" if tuned.step else "not changed by fine-tuning"
    info = session.info
    source = f"{info.source}; {how}" if info.source else how
    dtype = "float16" if info.dtype == "F16" else "float32"
    save_checkpoint(tuned.network, out, source=source, licence=info.licence, dtype=dtype)
    unfinished.unlink(missing_ok=True)
    return tuned


def check_out(out: Path) -> None:
    """Raise EmoTalkError where a checkpoint should not or cannot be written to."""
    if out.suffix.lower() != ".safetensors":
        raise EmoTalkError(f"{out.name} is no name for a checkpoint. Let it end in .safetensors.")
    if out.exists():
        raise EmoTalkError(f"{out} exists already. Choose another name.")
    if not out.parent.is_dir():
        raise EmoTalkError(f"The folder {out.parent} does not exist. Make it, or choose another one.")


def split(captures: list[Capture], held_out: Sequence[str] = ()) -> Takes:
    """Which takes to learn from, and which to judge on.

    held_out: takes with one of these parts in their names are judged on. Without any it is every fifth take, the last
    one of fewer, or the last fifth of a single one. Raises EmoTalkError for a part that no take has, or where too
    little is left.
    """
    for part in held_out:
        if not any(part in capture.name for capture in captures):
            names = ", ".join(capture.name for capture in captures)
            raise EmoTalkError(f"No take has {part!r} in its name. Choose from: {names}.")
    if held_out:
        judged = [capture for capture in captures if any(part in capture.name for part in held_out)]
    elif len(captures) == 1:
        return _fifth(captures[0])
    else:
        judged = captures[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY] or captures[-1:]
    learned = [capture for capture in captures if not any(capture is other for other in judged)]
    _check_length(learned, judged)
    return Takes(learned, judged)


def _fifth(capture: Capture) -> Takes:
    """The first four fifths of a take, and its last."""
    frame = len(capture.curves) * (HELD_OUT_EVERY - 1) // HELD_OUT_EVERY
    sample = round(frame * SAMPLE_RATE / FPS)
    learned = replace(capture, samples=capture.samples[:sample], curves=capture.curves[:frame])
    judged = replace(
        capture, name=f"{capture.name}, last fifth", samples=capture.samples[sample:], curves=capture.curves[frame:]
    )
    _check_length([learned], [judged])
    return Takes([learned], [judged])


def _check_length(learned: list[Capture], judged: list[Capture]) -> None:
    """Raise EmoTalkError where there is too little to learn from or to judge on."""
    for captures, least, purpose in ((learned, LEAST_SECONDS, "learn from"), (judged, LEAST_HELD_OUT, "judge on")):
        seconds = sum(len(capture.curves) for capture in captures) / FPS
        if seconds < least:
            raise EmoTalkError(
                f"{seconds:.1f} s of takes are too few to {purpose}; {least:.0f} s are the least, minutes are better. "
                "Add takes."
            )
        if not np.any([capture.captured for capture in captures]):
            raise EmoTalkError(f"In the takes to {purpose} nothing moves. Record them again, or choose others.")


def tune(
    session: Session, takes: Takes, settings: FinetuneSettings, report: Report, unfinished: Path | None = None
) -> Tuned:
    """Tune a copy of the session's network; never ends worse than it on the judged takes. Deterministic on the CPU.

    unfinished: file in which it is kept where the tuning stands; one of other takes, settings or base is overwritten.
    """
    torch.manual_seed(settings.seed)
    base = session.network
    learned, judged = ([hear(session, capture, report) for capture in part] for part in takes)
    spread = channel_spread(base, learned)
    network = tunable_copy(base)
    state = _begun(network, settings)
    identity = _identity(base, takes, settings)
    if unfinished is not None and unfinished.is_file():
        _go_on(state, unfinished, identity, session.device)
    if not state.notes:
        error = normalised_error(network, judged, spread)
        state.notes = {"identity": identity, "best": _weights(state.module), "least": error, "reached": 0}
    every = max(1, settings.steps // settings.checks)
    while state.step < settings.steps:
        report("Tuning", state.step / settings.steps)
        rng = np.random.default_rng([settings.seed, state.step])
        rows = draw_rows(learned, settings.rows, settings.frames, network, rng)
        loss = tuning_loss(network, base, rows, spread.to(session.device), settings)
        loss.backward()  # type: ignore[no-untyped-call]
        state.advance(settings.gradient_norm)
        if state.step % every == 0 or state.step == settings.steps:
            error = normalised_error(network, judged, spread)
            if error < state.notes["least"]:
                state.notes |= {"best": _weights(state.module), "least": error, "reached": state.step}
            if unfinished is not None:
                state.save(unfinished)
    report("Tuning", 1.0)
    state.module.load_state_dict(state.notes["best"])
    network.requires_grad_(False)
    before, after = compare(base, base, judged), compare(base, network, judged)
    names = [[take.name for take in part] for part in (learned, judged)]
    return Tuned(network, state.notes["reached"], before, after, *names)


def _begun(network: EmoTalk, settings: FinetuneSettings) -> LearningState:
    """The tuning of a tunable copy before its first step."""
    module = nn.ModuleDict({name: getattr(network, name) for name in TUNED})
    optimiser = optimiser_for(module, settings.learning_rate, weight_decay=0.0)
    return LearningState(module, optimiser, warm_up_and_cosine(optimiser, settings.warm_up, settings.steps, LAST_RATE))


def _go_on(state: LearningState, unfinished: Path, identity: str, device: torch.device) -> None:
    """Take up a tuning where it was stopped, if it is the same."""
    with contextlib.suppress(EmoTalkError):  # a damaged one is begun anew
        if read_notes(unfinished).get("identity") == identity:
            state.load(unfinished, device)


def _identity(base: EmoTalk, takes: Takes, settings: FinetuneSettings) -> str:
    """A digest of all that determines a tuning."""
    digest = hashlib.sha256(repr(settings).encode())
    for part in takes:
        for capture in part:
            digest.update(capture.name.encode())
            digest.update(capture.samples.tobytes() + capture.curves.tobytes() + capture.captured.tobytes())
    for name in TUNED:
        for parameter in getattr(base, name).parameters():
            digest.update(parameter.detach().cpu().numpy().tobytes())
    return digest.hexdigest()


def _weights(module: nn.Module) -> dict[str, Tensor]:
    """A copy of what learns."""
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def tunable_copy(network: EmoTalk) -> EmoTalk:
    """A copy that shares the encoders, with gradients for everything after them but the classifier and prototypes."""
    shared = [network.content_encoder, network.emotion_encoder, network.classifier, network.content_map]
    # What the memo holds already is not copied: the published encoders alone are over a gigabyte.
    tuned = copy.deepcopy(network, {id(module): module for module in shared})
    for name in TUNED:
        getattr(tuned, name).requires_grad_(True)
    return tuned


def channel_spread(base: EmoTalk, takes: list[HeardTake]) -> Tensor:
    """What errors are measured by: each channel's standard deviation, of the actor or else of the base, [52]."""
    performed = torch.cat([perform(base, take) for take in takes])
    captured = torch.stack([take.captured for take in takes]).any(dim=0)
    spread = performed.std(dim=0)
    for channel in torch.nonzero(captured).flatten().tolist():
        known = torch.cat([take.curves[:, channel] for take in takes if take.captured[channel]])
        spread[channel] = known.std()
    return spread.clamp(min=LEAST_SPREAD)


def tuning_target(base: EmoTalk, rows: Rows) -> Tensor:
    """What rows must give: the actor plus what the base adds for the direction, or the base; [rows, frames, 52]."""
    rest = ~rows.is_plain
    with torch.no_grad():
        plain = base.fuse_rows(rows.content, rows.plain, torch.ones_like(rows.intensity), torch.zeros_like(rows.person))
        directed = plain.clone()
        directed[rest] = base.fuse_rows(rows.content[rest], rows.emotion[rest], rows.intensity[rest], rows.person[rest])
    actor = (rows.curves + directed - plain).clamp(0, 1)
    return torch.where(rows.known > 0, actor, directed)


def tuning_loss(network: EmoTalk, base: EmoTalk, rows: Rows, spread: Tensor, settings: FinetuneSettings) -> Tensor:
    """Squared errors of values and of their velocity, and of the actor's range, all over each channel's spread."""
    found = network.fuse_rows(rows.content, rows.emotion, rows.intensity, rows.person)
    target = tuning_target(base, rows)
    weights = torch.ones_like(spread)
    weights[CHANNEL["jawOpen"]] = settings.jaw
    count = rows.real.sum() * len(spread)
    squares = ((found - target) / spread).square() * weights * rows.real
    steps = ((found - target).diff(dim=1) / spread).square() * rows.real[:, 1:]
    actor = rows.known * rows.real * rows.is_plain[:, None, None]
    ranges = (deviation(found, actor) - deviation(target, actor)) / spread
    told = (actor.sum(dim=(0, 1)) > 0).float()
    loss = squares.sum() / count + settings.velocity * steps.sum() / count
    loss = loss + settings.range * (ranges.square() * told).sum() / told.sum().clamp(min=1)
    return loss + settings.closure * excess(found, target, rows) / spread[CHANNEL["jawOpen"]]


def excess(found: Tensor, target: Tensor, rows: Rows) -> Tensor:
    """How much further than the actor's the lips are apart where the actor's are together, averaged over all frames."""
    apart = lip_opening(target)
    told = rows.real[..., 0] * rows.known[..., CHANNEL["jawOpen"]]
    together = (apart < CLOSED_PART * rows.widest[:, None]).float() * told
    return (torch.relu(lip_opening(found) - apart - 0.01) * together).sum() / rows.real.sum()


def deviation(values: Tensor, weights: Tensor) -> Tensor:
    """Standard deviation of each channel over the rows and frames that count: [rows, frames, 52] to [52]."""
    total = weights.sum(dim=(0, 1)).clamp(min=1)
    mean = (values * weights).sum(dim=(0, 1)) / total
    variance = ((values - mean).square() * weights).sum(dim=(0, 1)) / total
    return (variance + 1e-8).sqrt()
