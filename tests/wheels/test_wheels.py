# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching wheels by the lock, or PyTorch from an index that the user names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tools.wheels import fetch
from tools.wheels.lock import Wheel

from .made_up import make_index, make_wheel


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wheel:
    """A locked wheel that pip finds in a folder and nowhere else."""
    shop = tmp_path / "shop"
    shop.mkdir()
    path = make_wheel(shop, "emotalk_made_up-1.0-cp313-cp313-win_amd64.whl")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shop))
    digest, size = fetch.sha256_of(path), path.stat().st_size
    return Wheel("emotalk-made-up", "1.0", path.name, digest, size, ("windows-x64",), ("3.13",))


def test_a_wheel_for_another_system_is_fetched_and_checked(wheel: Wheel, tmp_path: Path) -> None:
    fetch.fetch([wheel], tmp_path)
    assert (tmp_path / wheel.file).stat().st_size == wheel.size
    fetch.check([wheel], tmp_path)


def test_a_wheel_that_is_there_is_not_fetched_again(
    wheel: Wheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch.fetch([wheel], tmp_path)
    monkeypatch.setattr(fetch, "download", lambda *_arguments: pytest.fail("downloaded again"))
    fetch.fetch([wheel], tmp_path)


def test_another_hash_than_the_locked_one_is_refused(wheel: Wheel, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="pip's own message above says which"):
        fetch.fetch([replace(wheel, sha256="0" * 64)], tmp_path)
    assert not (tmp_path / wheel.file).exists()


def test_a_wheel_that_was_altered_later_is_refused(wheel: Wheel, tmp_path: Path) -> None:
    fetch.fetch([wheel], tmp_path)
    path = tmp_path / wheel.file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(SystemExit, match=r"delete it and try again"):
        fetch.check([wheel], tmp_path)


def test_pytorch_comes_from_the_index_that_the_user_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    (tmp_path / "files").mkdir()
    (tmp_path / "wheels").mkdir()
    file = make_wheel(tmp_path / "files", "emotalk_torch-2.0+cu130-cp313-cp313-win_amd64.whl")
    index = make_index(tmp_path / "index", "emotalk-torch", [file])
    found = fetch.fetch_torch("emotalk-torch==2.0", "windows-x64", index, tmp_path / "wheels")
    assert found == {"3.13": tmp_path / "wheels" / file.name}
    assert found["3.13"].read_bytes() == file.read_bytes()


def test_an_index_without_pytorch_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    index = make_index(tmp_path / "index", "emotalk-torch", [])
    with pytest.raises(SystemExit, match=r"has no emotalk-torch==2\.0 for windows-x64"):
        fetch.fetch_torch("emotalk-torch==2.0", "windows-x64", index, tmp_path)
