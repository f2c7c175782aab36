# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python that has some of the packages of .venv and no others."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from tools.environment import PYTHON, ROOT


def make_lean_site(folder: Path, names: Iterable[str]) -> None:
    """Fill a folder with links to what these packages have installed, to be put into PYTHONPATH."""
    for name in names:
        installed = distribution(name)
        for top in {path.parts[0] for path in installed.files or ()} - {"..", "__pycache__"}:
            link, target = folder / top, Path(str(installed.locate_file(top)))
            if target.exists() and not link.exists():
                link.symlink_to(target)


def use_network(site: Path) -> subprocess.CompletedProcess[str]:
    """Run tools/wheels/use_network.py where it sees the standard library, this folder of packages, and the project."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (site, ROOT)))}
    return subprocess.run(
        [str(PYTHON), "-S", "-m", "tools.wheels.use_network"], env=environment, capture_output=True, text=True
    )
