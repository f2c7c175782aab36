# SPDX-License-Identifier: GPL-3.0-or-later
"""Wheels written anew where Blender could not install them on Windows, or would leave a file of theirs behind.

PyTorch's wheels carry the licences of what they are built from in folders of up to 167 characters. Below Blender's own
folder that is more than Windows takes, and Blender installs nothing of a wheel of which it can't unpack one file.

What Blender removes are the folders and files that a wheel's RECORD names. A module that lies in no folder is compiled
into a __pycache__ that no RECORD names, unless, as pip does it on installing, the compiled file is listed as well.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import shutil
import zipfile
from pathlib import Path

from tools.wheels.targets import PYTHONS
from tools.zip.extension_zip import EPOCH
from tools.zip.zip_checks import PACKAGES_FOLDER, excess_on_windows

TOGETHER = "licenses/DEEPER_LICENCES.txt"


def adapted(wheel: Path, platform: str, folder: Path) -> Path:
    """The wheel as it is where that will do for the platform; else one of the same name, written into a folder."""
    with zipfile.ZipFile(wheel) as old:
        deep = [e.filename for e in old.infolist() if platform == "windows-x64" and is_deep_licence(e)]
        compiled = [name for module in old.namelist() for name in compiled_names(module)]
        if not deep and not compiled:
            return wheel
        (record_name,) = (n for n in old.namelist() if n.endswith(".dist-info/RECORD") and n.count("/") == 1)
        info = record_name.split("/")[0]
        together = "\n\n".join(f"{name}\n{'=' * len(name)}\n\n{old.read(name).decode()}" for name in deep).encode()
        added = {f"{info}/{TOGETHER}": together} if deep else {}
        record = record_with(old.read(record_name).decode(), set(deep), added, compiled)
        with zipfile.ZipFile(folder / wheel.name, "w") as new:
            for entry in old.infolist():
                if not entry.is_dir() and entry.filename not in {*deep, record_name}:  # a folder comes with its files
                    copy_entry(old, entry, new)
            for name, content in {**added, record_name: record}.items():
                new.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return folder / wheel.name


def is_deep_licence(entry: zipfile.ZipInfo) -> bool:
    """Whether this file of a wheel is a licence whose path is too long for Windows."""
    parts = entry.filename.split("/")
    is_licence = not entry.is_dir() and parts[0].endswith(".dist-info") and parts[1] == "licenses"
    return is_licence and excess_on_windows(entry.filename, PACKAGES_FOLDER) > 0


def compiled_names(name: str) -> list[str]:
    """The names that a module in no folder has once compiled, by each Python; none for other files of a wheel."""
    if "/" in name or not name.endswith(".py"):
        return []
    return [f"__pycache__/{name[:-3]}.cpython-{python.replace('.', '')}.pyc" for python in PYTHONS]


def record_with(record: str, gone: set[str], added: dict[str, bytes], unhashed: list[str]) -> bytes:
    """A wheel's RECORD without some files and with others, of which some are listed by name alone."""
    rows = [row for row in csv.reader(io.StringIO(record)) if row and row[0] not in gone]
    for name, content in added.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        rows.append([name, f"sha256={digest}", str(len(content))])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([*rows, *([name, "", ""] for name in unhashed)])
    return text.getvalue().encode()


def copy_entry(old: zipfile.ZipFile, entry: zipfile.ZipInfo, new: zipfile.ZipFile) -> None:
    """Copy a file from one archive into another, as it is."""
    copy = zipfile.ZipInfo(entry.filename, entry.date_time)
    copy.compress_type, copy.external_attr, copy.file_size = entry.compress_type, entry.external_attr, entry.file_size
    with old.open(entry) as source, new.open(copy, "w") as target:
        shutil.copyfileobj(source, target, 1 << 20)
