# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of the face, each with a strength of its own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RegionStrengths:
    """How much each part of the face moves: 0 still, 1 as performed, 2 twice as much."""

    mouth: float = 1.0
    jaw: float = 1.0
    brows: float = 1.0
    eyes: float = 1.0
    cheeks_nose: float = 1.0
    tongue: float = 1.0
