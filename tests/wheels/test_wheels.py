# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching wheels by the lock, or PyTorch from an index that the user names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.wheels import fetch
from tools.wheels.lock import Pin, parse_pins

from .small_wheels import make_index, make_wheel

TARGET = ("windows-x64", "3.13")


@pytest.fixture
def pin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pin:
    """The pin of a wheel that pip finds in a folder and nowhere else."""
    shop = tmp_path / "shop"
    shop.mkdir()
    wheel = make_wheel(shop, "emotalk_made_up-1.0-cp313-cp313-win_amd64.whl")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shop))
    (pin,) = parse_pins(f"emotalk-made-up===1.0 --hash=sha256:{fetch.sha256_of(wheel)}\n")
    return pin


def test_a_wheel_for_another_system_is_fetched(pin: Pin, tmp_path: Path) -> None:
    (wheel,) = fetch.fetch([pin], *TARGET, tmp_path)
    assert wheel == tmp_path / "emotalk_made_up-1.0-cp313-cp313-win_amd64.whl"
    assert fetch.sha256_of(wheel) in pin.hashes
    assert fetch.find_wheel(pin, "windows-x64", "3.11", tmp_path) is None


def test_a_wheel_that_is_there_is_not_fetched_again(pin: Pin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheels = fetch.fetch([pin], *TARGET, tmp_path)
    monkeypatch.setattr(fetch, "download", lambda *_arguments: pytest.fail("downloaded again"))
    assert fetch.fetch([pin], *TARGET, tmp_path) == wheels


def test_another_hash_than_the_locked_one_is_refused(pin: Pin, tmp_path: Path) -> None:
    (other,) = parse_pins(f"{pin.name}==={pin.version} --hash=sha256:{'0' * 64}")
    with pytest.raises(SystemExit, match="pip's own message above says which"):
        fetch.fetch([other], *TARGET, tmp_path)
    assert not list(tmp_path.glob("*.whl"))


def test_a_wheel_that_was_altered_later_is_fetched_again(pin: Pin, tmp_path: Path) -> None:
    (wheel,) = fetch.fetch([pin], *TARGET, tmp_path)
    content = bytearray(wheel.read_bytes())
    content[len(content) // 2] ^= 1
    wheel.write_bytes(content)
    assert fetch.fetch([pin], *TARGET, tmp_path) == [wheel]
    assert fetch.sha256_of(wheel) in pin.hashes


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
