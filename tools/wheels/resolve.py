# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the lock of the wheels: pip resolves what the network needs, for each kind of zip and each Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tools.environment import PYTHON, REQUIREMENTS, ROOT, TORCH
from tools.wheels import fetch
from tools.wheels.left_out import LEFT_OUT
from tools.wheels.lock import LOCK, Gap, Lock, Wheel, lock_text
from tools.wheels.targets import NUMPY, PYTHONS, ZIP_KINDS, ZipKind, markers_of, pip_options

PIP = "pip==26.3"
"""The pip that resolves: .venv's own may be older, and would download everything to do so."""

PIP_FOLDER = ROOT / ".cache" / PIP

WANTED = ("safetensors",)
"""What the network needs beside PyTorch; versions as in tools/requirements.txt, so the zip has what is tested."""

CUDA_ONLY = ("cuda-", "nvidia-", "triton")
"""How the names of packages begin that only PyTorch's CUDA build for Linux asks for."""


def write_lock() -> None:
    """Resolve, fetch every wheel once to learn its size, and write wheels/lock.toml."""
    found: dict[str, Wheel] = {}
    pairs: dict[str, set[tuple[str, str]]] = defaultdict(set)
    gaps = []
    for kind in ZIP_KINDS.values():
        for python in PYTHONS:
            print(f"== Resolving for {kind.name}, Python {python}", flush=True)
            wheels_there, gap = resolve_with_gap(kind, python)
            gaps += [gap] if gap else []
            for wheel in wheels_there:
                found[wheel.file] = wheel
                pairs[wheel.file].add((kind.name, python))
    locked = [part for file, wheel in found.items() for part in in_blocks(wheel, pairs[file])]
    locked.sort(key=lambda wheel: (wheel.name, wheel.file, wheel.pythons))
    fetch.fetch(locked)
    sized = tuple(replace(wheel, size=(fetch.FOLDER / wheel.file).stat().st_size) for wheel in locked)
    LOCK.write_text(lock_text(Lock(sized, tuple(gaps))), encoding="utf-8")


def in_blocks(wheel: Wheel, pairs: set[tuple[str, str]]) -> list[Wheel]:
    """The wheel with its (zip, Python) pairs as few blocks of zips times Pythons as there are sets of Pythons."""
    zips_by_pythons: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for kind in sorted({kind for kind, _ in pairs}):
        zips_by_pythons[tuple(sorted(python for other, python in pairs if other == kind))].append(kind)
    return [replace(wheel, zips=tuple(zips), pythons=pythons) for pythons, zips in zips_by_pythons.items()]


def resolve_with_gap(kind: ZipKind, python: str) -> tuple[list[Wheel], Gap | None]:
    """What a kind of zip needs for a Python; where the index has no such PyTorch, the rest of it and the gap."""
    if kind.platform != "linux-x64" or kind.cuda:
        return resolve(kind.platform, python, TORCH.replace("==", "===")), None
    try:
        return resolve(kind.platform, python, f"{TORCH}+cpu"), None
    except LookupError:
        reason = "the package index has PyTorch for Linux on x86-64 with CUDA only"
        others = resolve(kind.platform, python, TORCH.replace("==", "==="))
        rest = [wheel for wheel in others if not wheel.name.startswith(("torch", *CUDA_ONLY))]
        return rest, Gap("torch", kind.name, python, reason)


def resolve(platform: str, python: str, torch: str) -> list[Wheel]:
    """Let pip resolve for a platform and Python, and drop what is left out. The wheels' sizes and zips are open.

    Raises LookupError where the index doesn't have this PyTorch, SystemExit where anything else goes wrong.
    """
    with tempfile.TemporaryDirectory() as temporary:
        constraints = Path(temporary) / "constraints.txt"
        constraints.write_text("\n".join([*tested_versions(), NUMPY[python]]), encoding="utf-8")
        report = Path(temporary) / "report.json"
        command = [
            *(str(PYTHON), str(Path(__file__).with_name("pip_elsewhere.py")), json.dumps(markers_of(platform, python))),
            *("--disable-pip-version-check", "install", "--dry-run", "-qq", "--ignore-installed"),
            *("--target", temporary, "--report", str(report), "-c", str(constraints)),
            *(*pip_options(platform, python), torch, *WANTED),
        ]
        done = subprocess.run(
            command,
            env=os.environ | {"PYTHONPATH": str(pip_folder())},
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            # pip says the latter where its settings hold a constraint on PyTorch.
            if any(f"{words} {torch}" in done.stderr for words in ("distribution found for", "Cannot install")):
                raise LookupError(torch)
            sys.stderr.write(done.stderr)
            raise SystemExit("pip could not resolve what the network needs: its own message above says why.")
        resolved = json.loads(report.read_text(encoding="utf-8"))["install"]
    chosen = (wheel_of(entry) for entry in resolved)
    return [wheel for wheel in chosen if wheel.name not in LEFT_OUT]


def wheel_of(entry: dict[str, Any]) -> Wheel:
    """A wheel from an entry of pip's installation report."""
    return Wheel(
        name=entry["metadata"]["name"].lower().replace("_", "-"),
        version=entry["metadata"]["version"],
        file=unquote(entry["download_info"]["url"].rsplit("/", 1)[1]),
        sha256=entry["download_info"]["archive_info"]["hashes"]["sha256"],
        size=0,
        zips=(),
        pythons=(),
    )


def tested_versions() -> list[str]:
    """The versions of tools/requirements.txt as constraints, without NumPy, which differs between Pythons."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    pins = [line.rstrip("\\ ") for line in lines if "==" in line and not line.startswith(" ")]
    return [pin for pin in pins if not pin.startswith("numpy==")]


def pip_folder() -> Path:
    """Where PIP is, put there if need be."""
    if not (PIP_FOLDER / "pip").exists():
        options = ["--disable-pip-version-check", "install", "-qq", "--target", str(PIP_FOLDER), PIP]
        subprocess.run([str(PYTHON), "-m", "pip", *options], check=True)
    return PIP_FOLDER
