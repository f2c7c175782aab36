# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the zip, and that the same sources always make the same zip."""

from __future__ import annotations

import hashlib
import tomllib
import zipfile
from pathlib import Path

import pytest

from tools.zip import extension_zip

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def archive(built_zip: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(built_zip)


def test_package_and_manifest_lie_at_the_root(archive: zipfile.ZipFile) -> None:
    assert {"__init__.py", "blender_manifest.toml", "LICENSE", "curves.py"} <= set(archive.namelist())


def test_every_source_of_the_rooms_an_artist_needs_is_in(archive: zipfile.ZipFile) -> None:
    package = ROOT / "emotalk_blender"
    wanted = {
        file.relative_to(package).as_posix()
        for room in ("animation", "blender", "inference", "network", "rig", "weights")
        for file in (package / room).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert wanted <= set(archive.namelist())


def test_training_caches_and_folders_are_left_out(archive: zipfile.ZipFile) -> None:
    assert not [name for name in archive.namelist() if name.startswith("training/") or "__pycache__" in name]
    assert not [name for name in archive.namelist() if name.endswith(("/", ".pyc"))]


def test_weights_are_stored_and_sources_are_squeezed(archive: zipfile.ZipFile) -> None:
    kinds = {Path(entry.filename).suffix: entry.compress_type for entry in archive.infolist()}
    assert kinds[".safetensors"] == zipfile.ZIP_STORED
    assert kinds[".py"] == zipfile.ZIP_DEFLATED


def test_zip_is_named_after_the_manifest(built_zip: Path) -> None:
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    assert built_zip.name == f"{manifest['id']}-{manifest['version']}.zip"


def test_the_manifest_asks_for_files_and_the_clipboard_and_says_what_for() -> None:
    permissions = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))["permissions"]
    assert set(permissions) == {"files", "clipboard"}
    for reason in permissions.values():
        assert 10 < len(reason) <= 64
        assert not reason.endswith(".")


def test_building_again_gives_the_same_bytes(built_zip: Path) -> None:
    before = hashlib.sha256(built_zip.read_bytes()).hexdigest()
    for source in (ROOT / "emotalk_blender").glob("*.py"):
        source.touch()
    assert hashlib.sha256(extension_zip.build_zip().read_bytes()).hexdigest() == before


def test_a_zip_without_its_manifest_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("__init__.py", "")
    with pytest.raises(SystemExit, match=r"broken\.zip"):
        extension_zip.validate(broken)
