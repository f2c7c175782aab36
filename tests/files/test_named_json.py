# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON files by name are read as they were written, in a folder that several programs use at once as well."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.files.named_json import last_change, read_named, remove_named, write_named

ROOT = Path(__file__).resolve().parent.parent.parent


def test_what_is_kept_stays_where_the_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_named(tmp_path, "Hero", {"value": 1})

    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(EmoTalkError, match="No space left"):
        write_named(tmp_path, "Hero", {"value": 2})
    assert read_named(tmp_path, lambda content: content["value"]) == {"Hero": 1}
    assert len(list(tmp_path.iterdir())) == 1


def test_a_copy_under_another_file_name_is_replaced_as_well(tmp_path: Path) -> None:
    write_named(tmp_path, "Hero", {"value": 1})
    (kept,) = tmp_path.iterdir()
    kept.rename(tmp_path / "downloaded.json")
    write_named(tmp_path, "Hero", {"value": 2})
    assert read_named(tmp_path, lambda content: content["value"]) == {"Hero": 2}
    remove_named(tmp_path, "Hero")
    assert list(tmp_path.iterdir()) == []


def test_names_that_differ_in_case_alone_have_files_of_their_own(tmp_path: Path) -> None:
    """Windows and macOS take "hero" for "Hero"."""
    write_named(tmp_path, "Hero", {})
    write_named(tmp_path, "hero", {})
    assert len({path.name.lower() for path in tmp_path.iterdir()}) == 2


def test_a_change_is_seen_from_outside(tmp_path: Path) -> None:
    assert last_change(tmp_path / "nowhere") == 0
    seen = {last_change(tmp_path)}
    for step in (lambda: write_named(tmp_path, "Hero", {}), lambda: remove_named(tmp_path, "Hero")):
        os.utime(tmp_path, ns=(1, len(seen)))  # so that two changes within one tick of the clock count as two
        step()
        seen.add(last_change(tmp_path))
    assert len(seen) == 3


HAMMER = """
import sys
from pathlib import Path
from emotalk_blender.files.named_json import read_named, remove_named, write_named
folder, me = Path(sys.argv[1]), sys.argv[2]
for number in range(100):
    write_named(folder, "Shared", {"value": me * 2000})
    write_named(folder, f"Own {me}", {"value": number})
    found = read_named(folder, lambda content: content["value"])
    assert found[f"Own {me}"] == number, found
    assert found["Shared"] in {"a" * 2000, "b" * 2000}
    write_named(folder, "Coming and going", {"value": 0})
    remove_named(folder, "Coming and going")
"""


def test_two_programs_may_keep_and_remove_at_the_same_time(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HAMMER, str(tmp_path)]
    both = [subprocess.Popen([*command, name], cwd=ROOT, stderr=subprocess.PIPE, text=True) for name in "ab"]
    for process in both:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert said == ""  # no file was ever seen half written
    found = read_named(tmp_path, lambda content: content["value"])
    assert set(found) == {"Shared", "Own a", "Own b"}
    assert len(list(tmp_path.iterdir())) == 3
