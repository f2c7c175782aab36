# SPDX-License-Identifier: GPL-3.0-or-later
"""Wheels whose licences lie too deep for Windows, written anew with those licences in one file.

PyTorch's wheels carry the licences of what they are built from in folders of up to 167 characters. Below Blender's own
folder that is more than Windows takes, and Blender installs nothing of a wheel of which it can't unpack one file.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import shutil
import zipfile
from pathlib import Path

from tools.extension_zip import EPOCH
from tools.zip_checks import PACKAGES_FOLDER, excess_on_windows

TOGETHER = "licenses/DEEPER_LICENCES.txt"


def with_short_licences(wheel: Path, folder: Path) -> Path:
    """The wheel as it is where Windows can take its licences; else one of the same name, written into a folder."""
    with zipfile.ZipFile(wheel) as old:
        deep = [entry.filename for entry in old.infolist() if is_deep_licence(entry)]
        if not deep:
            return wheel
        info = deep[0].split("/")[0]
        together = "\n\n".join(f"{name}\n{'=' * len(name)}\n\n{old.read(name).decode()}" for name in deep).encode()
        record = record_with(old.read(f"{info}/RECORD").decode(), set(deep), f"{info}/{TOGETHER}", together)
        with zipfile.ZipFile(folder / wheel.name, "w", zipfile.ZIP_DEFLATED) as new:
            for entry in old.infolist():
                if entry.is_dir() or entry.filename in {*deep, f"{info}/RECORD"}:
                    continue  # a folder is made with the files in it
                copy = zipfile.ZipInfo(entry.filename, entry.date_time)
                copy.compress_type, copy.external_attr = entry.compress_type, entry.external_attr
                copy.file_size = entry.file_size
                with old.open(entry) as source, new.open(copy, "w") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
            for name, content in ((f"{info}/{TOGETHER}", together), (f"{info}/RECORD", record)):
                new.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return folder / wheel.name


def is_deep_licence(entry: zipfile.ZipInfo) -> bool:
    """Whether this file of a wheel is a licence whose path is too long for Windows."""
    parts = entry.filename.split("/")
    is_licence = not entry.is_dir() and parts[0].endswith(".dist-info") and parts[1] == "licenses"
    return is_licence and excess_on_windows(entry.filename, PACKAGES_FOLDER) > 0


def record_with(record: str, gone: set[str], name: str, content: bytes) -> str:
    """A wheel's RECORD without some files and with another."""
    rows = [row for row in csv.reader(io.StringIO(record)) if row and row[0] not in gone]
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([*rows, [name, f"sha256={digest}", str(len(content))]])
    return text.getvalue()
