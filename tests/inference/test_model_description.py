# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences show a model file's own description; for a bad file, one sentence that says what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference import model_description
from emotalk_blender.inference.model_description import describe_model
from emotalk_blender.inference.model_file import default_weights
from emotalk_blender.model_format import LONGEST_HEAD
from emotalk_blender.network import checkpoint

ROOT = Path(__file__).resolve().parents[2]


def write(path: Path, header: Any) -> Path:
    """A file that begins as safetensors do."""
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(data).to_bytes(8, "little") + data)
    return path


def described(**metadata: Any) -> dict[str, Any]:
    return {"__metadata__": {"format": "emotalk-1", "source": "tests", "licence": "CC0-1.0"} | metadata}


def test_it_is_what_the_checkpoint_says() -> None:
    told, info = describe_model(default_weights()), checkpoint.read_info(default_weights())
    assert (told.source, told.licence) == (info.source, info.licence)
    assert model_description.FORMAT == checkpoint.FORMAT


def test_pytorch_is_not_loaded_for_it() -> None:
    code = """
import sys
from emotalk_blender.inference.model_description import describe_model
from emotalk_blender.inference.model_file import default_weights
describe_model(default_weights())
assert not {"torch", "safetensors", "transformers"} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_file_is_read_again_only_after_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "model.safetensors", described(licence="one"))
    opened: list[Path] = []
    original = Path.open

    def counted(self: Path, mode: str = "r") -> Any:
        opened.extend([self] if mode == "rb" else [])
        return original(self, mode)

    monkeypatch.setattr(Path, "open", counted)
    assert [describe_model(path).licence for _ in range(3)] == ["one"] * 3
    assert len(opened) == 1
    write(path, described(licence="two"))
    os.utime(path, ns=(1, 1))
    assert describe_model(path).licence == "two"
    write(path, b"broken")
    for _ in range(3):
        with pytest.raises(EmoTalkError):
            describe_model(path)
    assert len(opened) == 3


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (b"", "not a readable model file"),
        (b"{", "not a readable model file"),
        (b"[]", "not a readable model file"),
        (b"[" * 100_000, "not a readable model file"),
        (b"\xff\xfe", "not a readable model file"),
        ({"__metadata__": 5}, "not a readable model file"),
        ({"weight": {}}, "not those of an EmoTalk network"),
        ({"__metadata__": {"format": "pt"}}, "not those of an EmoTalk network"),
    ],
)
def test_what_is_no_model_is_told_in_a_sentence(tmp_path: Path, header: Any, sentence: str) -> None:
    with pytest.raises(EmoTalkError, match=rf"^model\.safetensors .*{sentence}.*\. Choose another") as told:
        describe_model(write(tmp_path / "model.safetensors", header))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("length", [0, 1 << 30, LONGEST_HEAD + 1, 2**64 - 1])
def test_a_length_that_lies_is_not_believed(tmp_path: Path, length: int) -> None:
    path = tmp_path / "model.safetensors"
    with path.open("wb") as file:
        file.write(length.to_bytes(8, "little") + b"{")
        file.truncate(1 << 31)  # a sparse file: only a reader that believes the length needs 1 GB
    with pytest.raises(EmoTalkError, match="not a readable model file"):
        describe_model(path)


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(EmoTalkError, match=r"gone\.safetensors does not exist"):
        describe_model(tmp_path / "gone.safetensors")
    with pytest.raises(EmoTalkError, match="not a readable model file"):
        describe_model(tmp_path)


def test_what_is_shown_fits_in_a_panel(tmp_path: Path) -> None:
    path = write(tmp_path / "model.safetensors", described(source=" many\nlines\t\x00" + "x" * 10_000, licence=None))
    told = describe_model(path)
    assert told.source.startswith("many lines xxx")
    assert len(told.source) < 500
    assert told.licence == "unknown"


@given(data=st.binary(max_size=60))
def test_any_bytes_are_told_or_described(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    write(path, data)
    with pytest.raises(EmoTalkError):
        describe_model(path)
