# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip that Blender installs, flat: the same files always make the same bytes."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tools.environment import PYTHON, ROOT, VENV

PACKAGE = ROOT / "emotalk_blender"
MANIFEST = ROOT / "blender_manifest.toml"

LEFT_OUT = {"__pycache__", "training"}
"""Folders of the package that an artist has no use for."""

STORED = {".safetensors", ".whl", ".flac", ".ogg"}
"""Endings of files that squeezing would hardly make smaller."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time given to every file in the zip, so that the time of building doesn't show."""


def zip_path(variant: str = "") -> Path:
    """Where a zip goes: dist/ID-VERSION.zip by the manifest, or dist/ID-VERSION-VARIANT.zip."""
    manifest = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
    return ROOT / "dist" / f"{'-'.join(filter(None, (manifest['id'], manifest['version'], variant)))}.zip"


def zip_files() -> dict[str, Path]:
    """Name in the zip: file, for everything that goes into every zip."""
    files = {
        path.relative_to(PACKAGE).as_posix(): path
        for path in PACKAGE.rglob("*")
        if path.is_file() and not LEFT_OUT.intersection(path.relative_to(PACKAGE).parts) and path.name[0] != "."
    }
    files[MANIFEST.name] = MANIFEST
    files["LICENSE"] = ROOT / "LICENSE"
    return files


def build_zip() -> Path:
    """Write the zip without wheels, for any platform. Returns its path; raises SystemExit where it isn't valid."""
    return write_zip(zip_path(), zip_files())


def write_zip(path: Path, files: Mapping[str, Path]) -> Path:
    """Write these files (name in the zip: file) and let Blender's own tool judge the zip.

    Returns its path; raises SystemExit where it isn't valid.
    """
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, file in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if file.suffix in STORED else zipfile.ZIP_DEFLATED
            entry.file_size = file.stat().st_size
            with file.open("rb") as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)
    validate(path)
    return path


def validate(path: Path) -> None:
    """Ask Blender's extension tool whether it would take this zip; raises SystemExit with its words where not."""
    tool = next(VENV.glob("**/site-packages/bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"))
    done = subprocess.run([PYTHON, tool, "validate", path], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"Blender would refuse {path.name}:\n{done.stdout}{done.stderr}")
