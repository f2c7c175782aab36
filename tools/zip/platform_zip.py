# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip of a platform, which brings along the packages that the network runs on, as wheels.

Run as: python -m tools.zip.platform_zip KIND [--light | --torch-index URL]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.environment import TORCH
from tools.wheels import fetch
from tools.wheels.adapt import adapted
from tools.wheels.lock import has_torch, read_pins
from tools.wheels.targets import FIRST_BLENDER, PYTHONS, ZIP_KINDS, ZipKind
from tools.zip import extension_zip
from tools.zip.zip_checks import find_problems


def main() -> int:
    """Build the zip that the arguments ask for, and say where it is and how large."""
    parser = argparse.ArgumentParser(prog="tools.zip.platform_zip", description=__doc__)
    parser.add_argument("kind", choices=ZIP_KINDS)
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--torch-index", metavar="URL")
    arguments = parser.parse_args()
    path = build_platform_zip(ZIP_KINDS[arguments.kind], arguments.light, arguments.torch_index)
    print(f"{path} ({path.stat().st_size / 1e6:.0f} MB)")
    return 0


def build_platform_zip(kind: ZipKind, light: bool = False, torch_index: str | None = None) -> Path:
    """Fetch and check the wheels of a kind of zip, and write it.

    light: without PyTorch. torch_index: the package index to take PyTorch from, instead of the locked one; the file
    name then tells its build. Returns the zip's path; raises SystemExit where a wheel or the zip isn't as it must be.
    """
    if torch_index:
        torch = fetch.fetch_torch(TORCH, kind.platform, torch_index)
        variant = "-".join(filter(None, (kind.platform, build_of(torch))))
        pythons = [python for python in PYTHONS if python in torch]
    else:
        torch = {}
        variant = f"{kind.platform}-light" if light else kind.name
        pythons = [python for python in PYTHONS if light or has_torch(kind.name, python)]
    if not pythons:
        raise SystemExit(
            f"The lock has no PyTorch for {kind.name}: name an index with --torch-index, or build with --light."
        )
    wheels = locked_wheels(kind, pythons, with_torch=not light and not torch_index)
    return write_platform_zip(extension_zip.zip_path(variant), kind.platform, pythons, [*wheels, *torch.values()])


def locked_wheels(kind: ZipKind, pythons: Sequence[str], with_torch: bool) -> list[Path]:
    """Fetch the locked wheels that go into a zip for these Pythons. Returns each once, sorted by file name."""
    wheels: set[Path] = set()
    for python in pythons:
        pins = [pin for pin in read_pins(kind.name, python) if with_torch or pin.name != "torch"]
        wheels.update(fetch.fetch(pins, kind.platform, python))
    return sorted(wheels)


def build_of(torch: dict[str, Path]) -> str:
    """The build that a version of PyTorch names: "cuda" for 2.13.0+cu130, "" for 2.13.0+cpu or 2.13.0, else its label.

    torch: Python: wheel.
    """
    label = next(iter(torch.values())).name.split("-")[1].partition("+")[2]
    return {"cpu": "", "": ""}.get(label, "cuda" if label.startswith("cu") else label)


def write_platform_zip(path: Path, platform: str, pythons: Sequence[str], files: Sequence[Path]) -> Path:
    """Write a zip with these wheels, whose manifest names them, its platform and the Blenders that have these Pythons.

    Raises SystemExit where Blender would refuse it, or it would not do on its platform.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = [adapted(file, platform, Path(folder)) for file in files]
        wheel_names = {f"wheels/{file.name}": file for file in files}
        additions = blender_range(pythons) | {
            "platforms": [platform],
            "wheels": [f"./{n}" for n in sorted(wheel_names)],
        }
        manifest = Path(folder) / extension_zip.MANIFEST.name
        text = extension_zip.MANIFEST.read_text(encoding="utf-8")
        manifest.write_text(manifest_with(text, additions), encoding="utf-8")
        extension_zip.write_zip(path, extension_zip.zip_files() | {manifest.name: manifest} | wheel_names)
    problems = find_problems(path)
    if problems:
        raise SystemExit("\n".join([f"{path.name} would not do:", *problems]))
    return path


def blender_range(pythons: Sequence[str]) -> dict[str, str | list[str]]:
    """What a manifest says of Blender's versions so that only those with one of these Pythons take the extension."""
    later = PYTHONS[PYTHONS.index(pythons[-1]) + 1 :]
    below = {"blender_version_max": FIRST_BLENDER[later[0]]} if later else {}
    return {"blender_version_min": FIRST_BLENDER[pythons[0]], **below}


def manifest_with(text: str, additions: dict[str, str | list[str]]) -> str:
    """A manifest's text with these values at its top level; those that it has already are replaced."""
    lines = [line for line in text.splitlines() if line.partition("=")[0].strip() not in additions]
    first_table = next((i for i, line in enumerate(lines) if line.startswith("[")), len(lines))
    # Strings and lists of strings are written in TOML as in JSON.
    lines[first_table:first_table] = [*(f"{key} = {json.dumps(value)}" for key, value in additions.items()), ""]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
