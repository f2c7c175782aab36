# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip, installed and used from the command line in a Blender of one's own (EMOTALK_BLENDER)."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.zip.extension_zip import build_zip

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = Path(__file__).parent
SAMPLE = ROOT / "tests/data/spoken_sample.flac"
SAMPLE_SECONDS = 7.82


class Blender:
    """A Blender with the zip installed, and user settings that are thrown away in the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = os.environ | {"BLENDER_USER_RESOURCES": str(folder / "user")}

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run Blender to its end."""
        command = [*shlex.split(os.environ["EMOTALK_BLENDER"]), *map(str, arguments)]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )

    def succeed(self, *arguments: str | Path) -> str:
        """Run Blender, which must exit with 0; returns all that it said."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def script(self, name: str, *arguments: str | Path, blend: Path | None = None) -> None:
        """Run one of the scripts beside this file, on a .blend if one is given."""
        file = [] if blend is None else [blend]
        self.succeed("-b", *file, "--python-exit-code", "1", "--python", SCRIPTS / name, "--", *arguments)

    def keys(self, blend: Path) -> dict[str, dict[str, list[tuple[float, float]]]]:
        """The shape key animation of a saved file: object, shape key, (frame, value)."""
        out = self.folder / "keys.json"
        self.script("list_keys.py", out, blend=blend)
        return json.loads(out.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def blender() -> Iterator[Blender]:
    # Below the checkout, because a Blender in a container may see nothing else.
    (ROOT / "out").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "out", prefix="real-blender-") as folder:
        (Path(folder) / "user").mkdir()
        blender = Blender(Path(folder))
        blender.succeed("--command", "extension", "install-file", "-r", "user_default", "-e", build_zip())
        yield blender


@pytest.fixture(scope="module")
def scene(blender: Blender) -> Path:
    blend = blender.folder / "scene.blend"
    blender.script("make_scene.py", SAMPLE, blend)
    return blend


def test_generate_writes_keys_on_every_frame_of_the_strip(blender: Blender, scene: Path) -> None:
    spoken = blender.folder / "spoken.blend"
    face, teeth = "EmoTalk Face", "EmoTalk Face Teeth Lower"
    said = blender.succeed(
        *("-b", scene, "--command", "emotalk", "generate", "--strip", "Speech"),
        *("--object", face, "--object", teeth, "--emotion", "happy", "--intensity", "0.8", "--save-as", spoken),
    )
    assert "Traceback" not in said
    found = blender.keys(spoken)
    assert set(found) == {face, teeth}
    keys = found[face]
    assert len(keys) == 52
    assert keys["jawOpen"] == found[teeth]["jawOpen"]
    jaw = keys["jawOpen"]
    frames = [frame for frame, _ in jaw]
    assert frames[0] == pytest.approx(11, abs=1)
    assert frames[-1] == pytest.approx(11 + SAMPLE_SECONDS * 24, abs=2)
    assert all(0 <= value <= 1 for curve in keys.values() for _, value in curve)
    assert max(value for _, value in jaw) - min(value for _, value in jaw) > 0.1


def test_generate_leaves_the_file_alone_unless_told_to_save(blender: Blender, scene: Path) -> None:
    before = scene.read_bytes()
    blender.succeed("-b", scene, "--command", "emotalk", "generate", "--strip", "Speech", "--object", "EmoTalk Face")
    assert scene.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [("--strip", "Nobody", "--object", "EmoTalk Face"), ("--strip", "Speech", "--object", "Nobody")],
    ids=["strip", "object"],
)
def test_a_wrong_name_exits_with_a_sentence(blender: Blender, scene: Path, arguments: tuple[str, ...]) -> None:
    out = blender.folder / "never.blend"
    done = blender.run("-b", scene, "--command", "emotalk", "generate", *arguments, "--save-as", out)
    assert done.returncode != 0
    assert "Nobody" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not out.exists()


def test_uninstalling_leaves_nothing_behind(blender: Blender) -> None:
    # The last of this file, for it takes the extension away from the others.
    extensions = blender.folder / "user/extensions"
    assert (extensions / "user_default/emotalk_blender/__init__.py").exists()
    blender.succeed("--command", "extension", "remove", "user_default.emotalk_blender")
    left = {path.relative_to(extensions).as_posix() for path in extensions.rglob("*") if not path.is_dir()}
    assert left <= {".cache/compat.dat"}
    assert not (extensions / "user_default/emotalk_blender").exists()
    assert blender.run("--command", "emotalk", "generate").returncode != 0
