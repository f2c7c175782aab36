# SPDX-License-Identifier: GPL-3.0-or-later
"""What learns, and where it stands: network, averaged weights, optimiser and schedule, kept in one file."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, LRScheduler, SequentialLR
from torch.optim.swa_utils import AveragedModel

from ...errors import EmoTalkError
from ...files.atomic import replacing

AVERAGING_BEGINS = 10
"""Steps over which the averaged weights forget how the run began."""


@dataclass
class LearningState:
    """Where learning stands.

    module: what learns; averaged: its weights averaged over the steps, None where they are not wanted; notes: whatever
    else belongs to it (plain values and tensors).
    """

    module: nn.Module
    optimiser: AdamW
    schedule: LRScheduler
    averaged: AveragedModel | None = None
    step: int = 0
    notes: dict[str, Any] = field(default_factory=dict)

    def advance(self, gradient_norm: float) -> None:
        """Take a step along the gradients that are there, whose norm is limited."""
        nn.utils.clip_grad_norm_(self.module.parameters(), gradient_norm)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.schedule.step()
        self.step += 1
        if self.averaged is not None:
            self.averaged.update_parameters(self.module)

    def save(self, path: Path) -> None:
        """Write all of it to one file, whole or not at all: a stop at any time leaves what was there before."""
        values = {
            "step": self.step,
            "notes": self.notes,
            "module": self.module.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "averaged": None if self.averaged is None else self.averaged.state_dict(),
        }
        with replacing(path) as temporary, temporary.open("wb") as file:
            torch.save(values, file)

    def load(self, path: Path, device: torch.device) -> None:
        """Go on with what `save` wrote. Raises EmoTalkError for a file of anything else."""
        values = _read(path, device)
        try:
            self.module.load_state_dict(values["module"])
            self.optimiser.load_state_dict(values["optimiser"])
            self.schedule.load_state_dict(values["schedule"])
            if self.averaged is not None:
                self.averaged.load_state_dict(values["averaged"])
            self.step, self.notes = values["step"], values["notes"]
        except (RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise _damaged(path) from error


def read_notes(path: Path) -> dict[str, Any]:
    """The notes in a file that `save` wrote. Raises EmoTalkError for a file of anything else."""
    notes = _read(path, torch.device("cpu")).get("notes")
    return notes if isinstance(notes, dict) else {}


def _read(path: Path, device: torch.device) -> dict[str, Any]:
    """What is in a file of `save`. Raises EmoTalkError for a file of anything else."""
    try:
        values = torch.load(path, map_location=device, weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, OSError, EOFError, KeyError, ValueError, TypeError) as error:
        raise _damaged(path) from error
    if not isinstance(values, dict):
        raise _damaged(path)
    return values


def _damaged(path: Path) -> EmoTalkError:
    return EmoTalkError(f"{path} is damaged, or of another version. Delete it and begin anew.")


def optimiser_for(module: nn.Module, learning_rate: float, weight_decay: float) -> AdamW:
    """AdamW for everything in a module that learns."""
    learning = [parameter for parameter in module.parameters() if parameter.requires_grad]
    return AdamW(learning, learning_rate, (0.9, 0.98), weight_decay=weight_decay, fused=True)


def warm_up_and_cosine(optimiser: AdamW, warm_up: int, steps: int, last: float) -> LRScheduler:
    """The learning rate rises in a line over `warm_up` steps, then falls as a cosine to `last` of it at `steps`."""
    rate = optimiser.param_groups[0]["lr"]
    falling = CosineAnnealingLR(optimiser, max(1, steps - warm_up), eta_min=last * rate)
    if warm_up < 2:
        return falling
    rising = LinearLR(optimiser, 1 / warm_up, total_iters=warm_up - 1)
    return SequentialLR(optimiser, [rising, falling], milestones=[warm_up])


def averaging(module: nn.Module, keep: float) -> AveragedModel:
    """The module with its weights averaged over the steps: `keep` of the average stays at each, less at the beginning.

    A mean that forgets exponentially would remember the first, random weights for long.
    """

    def update(averages: Sequence[Tensor], weights: Sequence[Tensor], count: Tensor | int) -> None:
        part = 1 - min(keep, (int(count) + 1) / (int(count) + 1 + AVERAGING_BEGINS))
        torch._foreach_lerp_(list(averages), list(weights), part)

    return AveragedModel(module, multi_avg_fn=update)
