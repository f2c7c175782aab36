# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the locks of the wheels: uv resolves what the network needs, for each kind of zip and each Python.

Run as: python -m tools.wheels.resolve. The environment variable UV_FIND_LINKS names a folder with PyTorch's builds for
Linux without CUDA, which PyPI does not have.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tools.environment import PYTHON, REQUIREMENTS, ROOT, TORCH
from tools.wheels.left_out import LEFT_OUT
from tools.wheels.lock import lock_path, parse_pins
from tools.wheels.targets import PYTHONS, SYSTEMS, ZIP_KINDS, ZipKind

UV = "uv==0.13.9"

UV_FOLDER = ROOT / ".cache" / UV

WANTED = ("safetensors",)
"""What the network needs beside PyTorch; versions as in tools/requirements.txt, so the zip has what is tested."""

CUDA_ONLY = ("cuda-", "nvidia-", "triton")
"""How the names of packages begin that only PyTorch's CUDA build for Linux asks for."""

HEADER = """\
# Written by "python3 build.py wheels --lock", never by hand.
"""

NO_TORCH = """\
# PyTorch is missing: for Linux on x86-64 and this Python, the package index had it with CUDA only.
"""


def main() -> int:
    """Resolve anew and write every lock."""
    for kind in ZIP_KINDS.values():
        for python in PYTHONS:
            print(f"== Resolving for {kind.name}, Python {python}", flush=True)
            lock_path(kind.name, python).write_text(HEADER + locked_pins(kind, python), encoding="utf-8")
    return 0


def locked_pins(kind: ZipKind, python: str) -> str:
    """The pins of a kind of zip for a Python; where the index has no such PyTorch, of all but PyTorch."""
    # With === the builds +cpu or +cu130 of a version are not taken for the version itself.
    exact = TORCH.replace("==", "===")
    if kind.platform != "linux-x64" or kind.cuda:
        return resolve(kind.platform, python, exact)
    try:
        return resolve(kind.platform, python, f"{exact}+cpu")
    except LookupError:
        with_cuda = parse_pins(resolve(kind.platform, python, exact))
        pins = (pin.text for pin in with_cuda if not pin.name.startswith(("torch", *CUDA_ONLY)))
        return NO_TORCH + "".join(f"{pin}\n" for pin in pins)


def resolve(platform: str, python: str, torch: str) -> str:
    """Let uv resolve for a platform and Python, and drop what is left out. Returns pins with hashes.

    Raises LookupError where the index doesn't have this PyTorch, SystemExit where anything else goes wrong.
    """
    command = [
        *(str(PYTHON), "-m", "uv", "pip", "compile", "-", "--quiet", "--generate-hashes", "--only-binary=:all:"),
        *("--no-annotate", "--no-header", "--constraints", str(REQUIREMENTS), f"--python-version={python}"),
        *(f"--python-platform={SYSTEMS[platform].target}", *(f"--no-emit-package={name}" for name in LEFT_OUT)),
    ]
    done = subprocess.run(
        command,
        input="\n".join([torch, *WANTED]),
        env=os.environ | {"PYTHONPATH": str(uv_folder()), "MACOSX_DEPLOYMENT_TARGET": "14.0"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        if "no wheels" in done.stderr or f"no version of {torch}" in done.stderr:
            raise LookupError(torch)
        sys.stderr.write(done.stderr)
        raise SystemExit("uv could not resolve what the network needs: its own message above says why.")
    return done.stdout.replace("==", "===")


def uv_folder() -> str:
    """Where uv is, put there if need be."""
    if not (UV_FOLDER / "uv").exists():
        options = ["--disable-pip-version-check", "install", "-qq", "--target", str(UV_FOLDER), UV]
        subprocess.run([str(PYTHON), "-m", "pip", *options], check=True)
    return str(UV_FOLDER)


if __name__ == "__main__":
    sys.exit(main())
