# SPDX-License-Identifier: GPL-3.0-or-later
"""One training run on several GPUs or machines: processes that torchrun starts, each with its parts of every step."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from ...errors import EmoTalkError


@dataclass(frozen=True)
class Processes:
    """How many processes train together, which one this is, and the device that it computes on."""

    device: torch.device
    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process reports, validates and saves for all."""
        return self.rank == 0

    def share(self, parts: int) -> range:
        """Which of the parts of a step are this process's. Raises EmoTalkError where they cannot be shared evenly."""
        if parts % self.count:
            raise EmoTalkError(
                f"A step of this run has {parts} parts, which {self.count} processes cannot share. "
                "Start as many processes as parts, or a number that divides them."
            )
        return range(self.rank, parts, self.count)

    def together(self, module: nn.Module) -> nn.Module:
        """The module with gradients averaged over all processes."""
        if self.count == 1:
            return module
        return DistributedDataParallel(module, [self.device] if self.device.type == "cuda" else None)

    def mean(self, values: dict[str, float]) -> dict[str, float]:
        """Each value averaged over all processes."""
        if self.count == 1:
            return values
        sums = torch.tensor(list(values.values()), dtype=torch.float64, device=self.device)
        distributed.all_reduce(sums)
        return dict(zip(values, (sums / self.count).tolist(), strict=True))


def join_processes(device: str) -> Processes:
    """Join the processes that torchrun started together with this one; alone where it did not.

    device: "cpu", "cuda" (each process takes the GPU of its number on its machine) or another one's name.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        return Processes(torch.device(device))
    if device == "cuda":
        device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
    if not distributed.is_initialized():
        distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    return Processes(torch.device(device), distributed.get_rank(), count)


def leave_processes() -> None:
    """End what join_processes began."""
    if distributed.is_initialized():
        distributed.destroy_process_group()
