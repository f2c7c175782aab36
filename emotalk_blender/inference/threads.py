# SPDX-License-Identifier: GPL-3.0-or-later
"""How many processor cores the network may take."""

from __future__ import annotations

from functools import cache


def use_threads(count: int) -> None:
    """Let PyTorch compute with so many threads wherever the calling thread asks it to.

    count: above 0 that many; 0 as many as PyTorch takes by itself, which is all cores; below 0 so many fewer than that,
    but always one.
    """
    import torch

    own = _own_choice()
    torch.set_num_threads(count if count > 0 else max(1, own + count))


@cache
def _own_choice() -> int:
    """Asked before the first change, since PyTorch forgets it then."""
    import torch

    return torch.get_num_threads()
