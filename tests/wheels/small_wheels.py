# SPDX-License-Identifier: GPL-3.0-or-later
"""Small wheels for the tests, with nothing of use in them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def make_wheel(
    folder: Path, file: str, requires: Sequence[str] = (), more: Mapping[str | zipfile.ZipInfo, str] = {}
) -> Path:
    """Write a wheel of this file name into a folder, with these requirements and files beside an empty package."""
    name, version = file.split("-")[:2]
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {r}" for r in requires)]
    contents: dict[str | zipfile.ZipInfo, str] = {
        f"{name}/__init__.py": "",
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {'-'.join(file[:-4].split('-')[-3:])}\n",
        **more,
    }
    names = [entry if isinstance(entry, str) else entry.filename for entry in contents]
    contents[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in (*names, f"{info}/RECORD"))
    with zipfile.ZipFile(folder / file, "w") as wheel:
        for entry, text in contents.items():
            wheel.writestr(entry, text)
    return folder / file


def make_index(folder: Path, name: str, files: Sequence[Path]) -> str:
    """Make a package index of one package in a folder, and return its address."""
    page = folder / name / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("".join(f'<a href="{file.as_uri()}">{file.name}</a>\n' for file in files), encoding="utf-8")
    return folder.as_uri()
