# SPDX-License-Identifier: GPL-3.0-or-later
"""A new Python that finds compiled files, as every Blender but the first one after an installation does."""

from __future__ import annotations

import os
from pathlib import Path


def environment(compiled: Path) -> dict[str, str]:
    """The environment of a process that keeps its compiled files in this folder, whatever is said elsewhere."""
    others = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return others | {"PYTHONPYCACHEPREFIX": str(compiled)}
