# SPDX-License-Identifier: GPL-3.0-or-later
"""The locks of the wheels that the zips bring: a requirement file with hashes for each kind of zip and each Python.

They lie in wheels/, written by tools/wheels/resolve.py and read by pip.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.environment import ROOT

LOCKS = ROOT / "wheels"


@dataclass(frozen=True)
class Pin:
    """A locked package: its name, its version, the SHA-256 of every file of that version, and the lines that say so."""

    name: str
    version: str
    hashes: frozenset[str]
    text: str


def lock_path(kind: str, python: str, folder: Path = LOCKS) -> Path:
    """Where the lock of a kind of zip for a Python is."""
    return folder / f"{kind}-py{python}.txt"


def read_pins(kind: str, python: str) -> list[Pin]:
    """The pins of a kind of zip for a Python. PyTorch is not among them where the package index had none."""
    return parse_pins(lock_path(kind, python).read_text(encoding="utf-8"))


def parse_pins(text: str) -> list[Pin]:
    """The pins of a requirement file of lines NAME===VERSION --hash=sha256:HEX ..., which a backslash continues."""
    logical_lines = text.replace("\\\n", "\0").splitlines()
    return [_parse_pin(line) for line in logical_lines if line and not line.startswith("#")]


def _parse_pin(line: str) -> Pin:
    requirement, *options = line.replace("\0", " ").split()
    name, version = requirement.split("===")
    hashes = frozenset(option.removeprefix("--hash=sha256:") for option in options)
    return Pin(name, version, hashes, line.replace("\0", "\\\n"))


def has_torch(kind: str, python: str) -> bool:
    """Whether a PyTorch is locked for a kind of zip and a Python."""
    return any(pin.name == "torch" for pin in read_pins(kind, python))
