# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python that has some of the packages of .venv and no others."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from tools.environment import PYTHON, ROOT

GENERATE = """
import numpy as np
from emotalk_blender.inference.performance import Performance
from emotalk_blender.inference.session import load_session

session = load_session()
features = session.encode(np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32))
print(len(session.perform(features, Performance()).values))
"""
"""Let the default network hear and perform a second of noise."""


def make_lean_site(folder: Path, names: Iterable[str]) -> None:
    """Fill a folder with links to what these packages have installed, to be put into PYTHONPATH."""
    for name in names:
        installed = distribution(name)
        for top in {path.parts[0] for path in installed.files or ()} - {"..", "__pycache__"}:
            link, target = folder / top, Path(str(installed.locate_file(top)))
            if target.exists() and not link.exists():
                link.symlink_to(target)


def run_lean(site: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run Python code that sees the standard library, this folder of packages, and the project."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (site, ROOT)))}
    return subprocess.run([str(PYTHON), "-S", "-c", code], env=environment, capture_output=True, text=True)
