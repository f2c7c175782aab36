# SPDX-License-Identifier: GPL-3.0-or-later
"""Install a zip with wheels in a Blender that has nothing else, let it speak, remove it, and see what is left.

Run as: python -m tools.zip.prove_install ZIP --blender 5.0. Needs the Python of that Blender (--python), and installs
Blender's Python module anew in a folder that is thrown away. Exits with 0 only if all checks passed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.environment import ROOT

BLENDERS = {"4.5": ("4.5.15", "3.11"), "5.0": ("5.0.1", "3.11"), "5.1": ("5.1.2", "3.13"), "5.2": ("5.2.3", "3.13")}
"""Blender: the version of its Python module, and its Python."""

SESSION = ROOT / "tests/zip/use_extension.py"
SAMPLE = ROOT / "tests/data/spoken_sample.flac"

DEVELOPERS_OWN = {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
"""Variables that an artist's Blender wouldn't see: other packages, and no compiled files left beside the sources."""

BLENDERS_OWN = {"compat.dat"}
"""Files that Blender keeps of its own among its extensions."""


def main() -> int:
    """Run it. Returns 0 if every check passed, else 1."""
    parser = argparse.ArgumentParser(prog="tools.zip.prove_install", description=__doc__)
    parser.add_argument("zip", type=Path)
    parser.add_argument("--blender", choices=BLENDERS, default="4.5")
    parser.add_argument("--python", metavar="COMMAND", help="the Python to make the environment with")
    arguments = parser.parse_args()
    version, python = BLENDERS[arguments.blender]
    with tempfile.TemporaryDirectory() as temporary:
        clean = make_clean(Path(temporary) / "python", arguments.python or f"python{python}", version)
        user = Path(temporary) / "user"
        user.mkdir()
        seen = use(clean, arguments.zip.resolve(), user)
        left = files_left(user)
    print(f"Blender {version}, {arguments.zip.name} ({arguments.zip.stat().st_size / 1e6:.0f} MB)")
    for step, (clock, processor) in seen["seconds"].items():
        print(f"{step}: {clock:.0f} s by the clock, {processor:.0f} s of a processor")
    checks = {
        "it is enabled and registered": seen["enabled"] and len(seen["registered"]) == 3,
        "PyTorch came with the zip": seen["torch"].startswith(str(user)),
        "the jaw moves": max(seen["curves"]["jawOpen"]) - min(seen["curves"]["jawOpen"]) > 0.1,
        "nothing is registered once disabled": not seen["registered after disabling"],
        "it is gone once uninstalled": not seen["installed after uninstalling"],
        f"nothing is left behind {left}": not left,
    }
    for what, passed in checks.items():
        print(f"{'ok  ' if passed else 'FAIL'} {what}")
    return 0 if all(checks.values()) else 1


def make_clean(folder: Path, python: str, version: str) -> Path:
    """Make an environment with Blender's Python module and what that asks for. Returns its Python."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    clean = folder / "bin/python"
    pip = [clean, "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    subprocess.run([*map(str, pip), f"bpy=={version}"], check=True)
    found = subprocess.run([clean, "-c", "import torch"], capture_output=True).returncode == 0
    if found:
        raise SystemExit("PyTorch can be imported without the zip: nothing would be proved.")
    return clean


def use(python: Path, zip_file: Path, user: Path) -> dict[str, Any]:
    """Install, enable, generate, disable, uninstall, with Blender's user files in a folder. Returns what was seen."""
    out = user.with_name("seen.json")
    environment = {name: value for name, value in os.environ.items() if name not in DEVELOPERS_OWN}
    done = subprocess.run(
        [python, SESSION, zip_file, SAMPLE, out],
        cwd=user.parent,
        env=environment | {"BLENDER_USER_RESOURCES": str(user)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    seen: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return seen


def files_left(user: Path) -> list[str]:
    """The files in Blender's user folder that are not Blender's own."""
    files = (path for path in user.rglob("*") if not path.is_dir() and path.name not in BLENDERS_OWN)
    return sorted(path.relative_to(user).as_posix() for path in files)


if __name__ == "__main__":
    sys.exit(main())
