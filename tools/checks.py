# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that must hold before a change is taken: the linter, the types, and the tests in two Blenders."""

from __future__ import annotations

import os
import subprocess

from tools.environment import BLENDER_5, PYTHON, ROOT


def run_checks() -> int:
    """Run every check, all of them even when one fails. Returns 0 if all passed, else 1."""
    in_blender_5 = {"PYTHONPATH": str(BLENDER_5)}
    failed = [
        name
        for name, arguments, environment in (
            ("ruff check", ["ruff", "check"], {}),
            ("ruff format", ["ruff", "format", "--check"], {}),
            ("mypy", ["mypy"], {}),
            ("tests in Blender 4.5", ["pytest"], {}),
            ("tests in Blender 5.0", ["pytest", "tests/blender", "tests/zip"], in_blender_5),
        )
        if not _passes(name, arguments, environment)
    ]
    for name in failed:
        print(f"FAILED: {name}")
    return 1 if failed else 0


def run_in_blender(command: str) -> int:
    """Run the tests of the installed zip in a Blender of your own.

    command: how to start it, for example /opt/blender/blender. Returns 0 if all passed, else 1.
    """
    return 0 if _passes("tests in your Blender", ["pytest", "tests/real_blender"], {"EMOTALK_BLENDER": command}) else 1


def _passes(name: str, arguments: list[str], environment: dict[str, str]) -> bool:
    print(f"== {name}", flush=True)
    return subprocess.run([PYTHON, "-m", *arguments], cwd=ROOT, env=os.environ | environment).returncode == 0
