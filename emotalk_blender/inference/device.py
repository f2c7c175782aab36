# SPDX-License-Identifier: GPL-3.0-or-later
"""Which processor computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import EmoTalkError

if TYPE_CHECKING:
    import torch

DEVICES = ("auto", "cpu", "cuda", "mps", "xpu")
"""Choices of a device; auto is the first of cuda, mps, xpu that is there, else cpu."""


def choose_device(name: str) -> torch.device:
    """The PyTorch device of a choice in DEVICES. Raises EmoTalkError for one that this machine has not."""
    import torch

    if name not in DEVICES:
        raise EmoTalkError(f"There is no device {name}. Choose one of {', '.join(DEVICES)}.")
    available = [device for device in ("cuda", "mps", "xpu") if _is_available(device)] + ["cpu"]
    if name == "auto":
        return torch.device(available[0])
    if name not in available:
        raise EmoTalkError(f"PyTorch finds no {name} device here. Choose auto or {' or '.join(available)}.")
    return torch.device(name)


def _is_available(device: str) -> bool:
    """Whether PyTorch can compute on cuda, mps or xpu."""
    import torch

    backend = {"cuda": torch.cuda, "mps": torch.backends.mps, "xpu": torch.xpu}[device]
    return bool(backend.is_available())
