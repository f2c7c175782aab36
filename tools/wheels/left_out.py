# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages that those in the zips ask for, but that are never imported to generate.

tests/wheels/test_needs.py generates without them. What is run here (python -m tools.wheels.left_out) generates
without each of the others in turn, and so tells whether one more could be left out.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tools.wheels.lean_site import make_lean_site, use_network
from tools.wheels.lock import read_pins

LEFT_OUT = {
    "numpy",  # Blender has it
    # PyTorch's compiler, with the graphs and the algebra of shapes that it works on
    *("cuda-bindings", "cuda-pathfinder", "filelock", "jinja2", "markupsafe", "mpmath", "networkx", "setuptools"),
    *("sympy", "triton"),
    "fsspec",  # remote files
    "cuda-toolkit",  # names other packages and holds nothing itself
}
"""Packages that are asked for, but never imported. tests/wheels/test_needs.py generates without them."""


def main() -> int:
    """For each package in the Linux zip, print what happens without it. Returns 1 if one is not needed, else 0."""
    brought = sorted(pin.name for pin in read_pins("linux-x64", "3.11"))
    useless = 0
    for name in brought:
        with tempfile.TemporaryDirectory() as folder:
            make_lean_site(Path(folder), {*brought, "numpy"} - {name})
            done = use_network(Path(folder))
        useless += done.returncode == 0
        print(f"{name}: {done.stderr.strip().splitlines()[-1] if done.returncode else 'not needed'}", flush=True)
    return min(useless, 1)


if __name__ == "__main__":
    sys.exit(main())
