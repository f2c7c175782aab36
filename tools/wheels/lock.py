# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of the wheels that the zips bring, wheels/lock.toml: what is in it."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.environment import ROOT

LOCK = ROOT / "wheels/lock.toml"

HEADER = """\
# The wheels that the zips bring along. Written by "python3 build.py wheels --lock", never by hand.
# A [[gap]] is a wheel that the package index does not have.
"""


@dataclass(frozen=True)
class Wheel:
    """A wheel by name, version, file name, SHA-256 and bytes; zips and pythons: every pair of them that needs it."""

    name: str
    version: str
    file: str
    sha256: str
    size: int
    zips: tuple[str, ...]
    pythons: tuple[str, ...]


@dataclass(frozen=True)
class Gap:
    """A package of which the package index has no wheel for a kind of zip and a Python, and why."""

    name: str
    zip: str
    python: str
    reason: str


@dataclass(frozen=True)
class Lock:
    """All wheels of all kinds of zips, and the gaps."""

    wheels: tuple[Wheel, ...]
    gaps: tuple[Gap, ...]

    def wheels_for(self, zip_kind: str, python: str) -> list[Wheel]:
        """The wheels that a kind of zip brings for a Python."""
        return [wheel for wheel in self.wheels if zip_kind in wheel.zips and python in wheel.pythons]

    def has_gap(self, zip_kind: str, python: str) -> bool:
        """Whether the lock lacks a package of a kind of zip for a Python."""
        return any(gap.zip == zip_kind and gap.python == python for gap in self.gaps)


def read_lock(path: Path = LOCK) -> Lock:
    """Read the lock."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    wheels = (
        Wheel(**{**table, "zips": tuple(table["zips"]), "pythons": tuple(table["pythons"])})
        for table in tables["wheel"]
    )
    return Lock(tuple(wheels), tuple(Gap(**table) for table in tables.get("gap", ())))


def lock_text(lock: Lock) -> str:
    """The lock as TOML."""
    tables = [("wheel", asdict(wheel)) for wheel in lock.wheels] + [("gap", asdict(gap)) for gap in lock.gaps]
    # Strings, numbers and lists of strings are written in TOML as in JSON.
    return HEADER + "".join(
        f"\n[[{name}]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        for name, table in tables
    )
