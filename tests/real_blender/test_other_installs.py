# SPDX-License-Identifier: GPL-3.0-or-later
"""In a Blender of one's own (EMOTALK_BLENDER): installed for all users, read-only, on a machine without a network."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.zip.extension_zip import build_zip

ROOT = Path(__file__).resolve().parent.parent.parent
VERSION_0 = ROOT / "tests/data/saved_by_settings_version_0.blend"
ADDON = "bl_ext.system.emotalk_blender"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """With the extension in it as an administrator installs it, and an empty folder for the user."""
    (ROOT / "out").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "out", prefix="read-only-") as name:
        installed = Path(name) / "extensions/system/emotalk_blender"
        zipfile.ZipFile(build_zip()).extractall(installed)
        (Path(name) / "user").mkdir()
        for path in (installed, *installed.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield Path(name)
        for path in (installed, *installed.rglob("*")):
            path.chmod(0o755)


def run(folder: Path, blend: Path, *arguments: str | Path) -> str:
    """Run Blender on a file, without a network and bound by permissions where that can be had; returns what it said."""
    alone = ["unshare", "-n"] if os.geteuid() == 0 and shutil.which("unshare") else []
    bound = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if alone and shutil.which("setpriv") else []
    command = [*alone, *bound, *shlex.split(os.environ["EMOTALK_BLENDER"]), "-b", blend, "--addons", ADDON, *arguments]
    places = {
        "BLENDER_SYSTEM_EXTENSIONS": str(folder / "extensions"),
        "BLENDER_USER_RESOURCES": str(folder / "user"),
    }
    pipe = subprocess.PIPE
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | places, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_file_of_an_earlier_version_speaks_there(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (folder / "extensions").rglob("*")}
    spoken = folder / "spoken.blend"
    said = run(
        *(folder, VERSION_0, "--command", "emotalk", "generate", "--strip", "Speech", "--object", "Face"),
        *("--emotion", "happy", "--save-as", spoken),
    )
    assert 'baked on "Face"' in said
    assert "Traceback" not in said
    check = "import bpy; kept = bpy.context.scene.emotalk; assert (kept.settings_version, kept.seed) == (1, 7)"
    run(folder, spoken, "--python-exit-code", "1", "--python-expr", check)
    assert {path: path.stat().st_mtime_ns for path in (folder / "extensions").rglob("*")} == before
    left = [path for path in (folder / "user").rglob("*") if path.is_file() and ".cache" not in path.parts]
    assert left == []
