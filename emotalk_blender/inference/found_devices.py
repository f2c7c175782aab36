# SPDX-License-Identifier: GPL-3.0-or-later
"""Which devices PyTorch has found here: known once it was loaded, and never loaded to be told."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import EmoTalkError
from .device import DEVICES, choose_device


@dataclass(frozen=True)
class FoundDevices:
    """The devices that an artist can choose on this machine.

    labels: name in DEVICES -> what its maker calls it, empty where PyTorch does not tell. automatic: what auto means.
    """

    labels: dict[str, str]
    automatic: str


_found: FoundDevices | None = None


def known_devices() -> FoundDevices | None:
    """The devices that were found; None as long as nobody has looked."""
    return _found


def find_devices() -> FoundDevices:
    """Look for devices, once for all; loads PyTorch where that has not happened yet."""
    global _found
    if _found is None:
        labels = {name: _label(name) for name in DEVICES if name != "auto" and _is_there(name)}
        _found = FoundDevices(labels, choose_device("auto").type)
    return _found


def _is_there(name: str) -> bool:
    try:
        choose_device(name)
    except EmoTalkError:
        return False
    return True


def _label(name: str) -> str:
    import torch

    try:
        return str(getattr(torch, name).get_device_name()) if name in {"cuda", "xpu"} else ""
    except RuntimeError:  # a driver at odds with PyTorch; what is chosen may be another device
        return ""
