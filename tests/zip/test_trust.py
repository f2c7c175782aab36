# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing leaves the machine, nothing is written where it does not belong, and no install needs to be one's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SESSION = Path(__file__).with_name("watched_session.py")
SAMPLE = ROOT / "tests/data/spoken_sample.flac"
MODULE = "bl_ext.system.emotalk_blender"


class Machine:
    """A machine on which an administrator has installed the extension for all users, who cannot write to it."""

    def __init__(self, folder: Path, built_zip: Path) -> None:
        self.folder = folder
        self.system = folder / "extensions"
        self.installed = self.system / "system/emotalk_blender"
        zipfile.ZipFile(built_zip).extractall(self.installed)
        for path in (self.installed, *self.installed.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)

    def user(self, name: str) -> Path:
        """All that is a user's: home, temporary files, Blender's settings."""
        home = self.folder / name
        for part in ("tmp", "blender", "home"):
            (home / part).mkdir(parents=True, exist_ok=True)
        return home

    def start(self, user: str, preset: str, out: str) -> subprocess.Popen[str]:
        """A Blender of this user, in which the session runs."""
        home = self.user(user)
        environment = os.environ | {
            "BLENDER_SYSTEM_EXTENSIONS": str(self.system),
            "BLENDER_USER_RESOURCES": str(home / "blender"),
            "HOME": str(home / "home"),
            "TMPDIR": str(home / "tmp"),
        }
        for name in ("XDG_CACHE_HOME", "PYTHONDONTWRITEBYTECODE", "TORCHINDUCTOR_CACHE_DIR"):
            environment.pop(name, None)
        command = [*as_somebody(), sys.executable, str(SESSION), MODULE, str(SAMPLE), preset, str(self.folder / out)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=home, env=environment, stdout=pipe, stderr=pipe, text=True)

    def seen(self, process: subprocess.Popen[str], out: str) -> dict[str, Any]:
        """What the session has seen at its end."""
        said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        found: dict[str, Any] = json.loads((self.folder / out).read_text(encoding="utf-8"))
        return found


def as_somebody() -> Sequence[str]:
    """What makes the administrator bound by permissions as anybody is; he may read and write all otherwise."""
    if os.geteuid() != 0:
        return ()
    tool = shutil.which("setpriv")
    if tool is None:
        pytest.skip("root can write anywhere, and setpriv is not there to take that from it")
    return (tool, "--bounding-set", "-dac_override,-dac_read_search")


def files(folder: Path) -> set[str]:
    """All files below, as they are called from there."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def machine(built_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"), built_zip)


@pytest.fixture(scope="module")
def sessions(machine: Machine) -> dict[str, dict[str, Any]]:
    """Three at the same time: two Blenders of one user, and one of another. By the presets that they keep."""
    before = files(machine.installed)
    users = {"Hero": "anna", "Villain": "anna", "Clown": "ben"}
    running = {preset: machine.start(user, preset, f"{preset}.json") for preset, user in users.items()}
    found = {preset: machine.seen(process, f"{preset}.json") for preset, process in running.items()}
    assert files(machine.installed) == before
    return found


PRESETS = ("Hero", "Villain", "Clown")


@pytest.mark.parametrize("preset", PRESETS)
def test_it_works_from_an_install_that_cannot_be_written_to(sessions: dict[str, dict[str, Any]], preset: str) -> None:
    seen = sessions[preset]
    assert not seen["could write beside the code"]
    assert seen["enabled"] == ["FINISHED"]
    assert seen["keys"] > 52 * 10
    assert seen["intensity"] == 1.0
    assert seen["keys"] == sessions["Hero"]["keys"]


@pytest.mark.parametrize("preset", PRESETS)
def test_nothing_is_connected_to_started_or_unpickled(sessions: dict[str, dict[str, Any]], preset: str) -> None:
    events = sessions[preset]["events"]
    assert events["connected"] == []
    assert events["started"] == []
    assert events["unpickled"] == []


def own_folder(home: Path) -> Path:
    """Where Blender lets the extension keep what a user makes."""
    return home / "blender/extensions/.user/system/emotalk_blender"


@pytest.mark.parametrize("preset", PRESETS)
def test_python_writes_to_the_extensions_user_folder_alone(
    machine: Machine, sessions: dict[str, dict[str, Any]], preset: str
) -> None:
    home = machine.user("ben" if preset == "Clown" else "anna")
    own = own_folder(home)
    allowed = (own, home / "tmp", home / "blender/extensions/.cache")  # the last is Blender's own
    written = [Path(path) for path in sessions[preset]["events"]["written"]]
    assert any(own in path.parents for path in written)
    # Python would like to keep its bytecode beside the code, and goes without.
    strangers = [path for path in written if "__pycache__" not in path.parts and path not in own.parents]
    assert [path for path in strangers if not any(path.is_relative_to(folder) for folder in allowed)] == []


def test_a_user_finds_the_presets_of_both_blenders_and_no_other_file_is_left(
    machine: Machine, sessions: dict[str, dict[str, Any]]
) -> None:
    for user, presets in (("anna", {"Hero", "Villain"}), ("ben", {"Clown"})):
        home = machine.user(user)
        left = {home / path for path in files(home) if not path.startswith("blender/extensions/.cache/")}
        found = {(path.parent, path.name.split(".")[0]) for path in left}
        assert found == {(own_folder(home) / kind, name) for kind in ("faces", "performances") for name in presets}
    assert "Villain" not in sessions["Clown"]["presets"]


def test_diagnostics_name_no_folder(machine: Machine, sessions: dict[str, dict[str, Any]]) -> None:
    for seen in sessions.values():
        assert "EmoTalk 0." in seen["diagnostics"]
        assert machine.folder.name not in seen["diagnostics"]
