# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the default weights lie."""

from __future__ import annotations

from pathlib import Path

DEFAULT_WEIGHTS = Path(__file__).resolve().parent.parent / "weights" / "emotalk_default.safetensors"


def default_weights() -> Path:
    """The checkpoint that comes with the extension."""
    return DEFAULT_WEIGHTS
