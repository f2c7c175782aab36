# SPDX-License-Identifier: GPL-3.0-or-later
"""Model files with something wrong: each function makes one of a good checkpoint, beside it, and returns its path."""

from __future__ import annotations

import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

TENTHS = (0.0, 0.001, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999)
"""Where a file is cut, as parts of its length."""


def missing(good: Path) -> Path:
    return good.with_name("missing.safetensors")


def name_of_300_letters(good: Path) -> Path:
    return good.with_name(f"{'a' * 288}.safetensors")


def cut(part: float) -> Callable[[Path], Path]:
    def make(good: Path) -> Path:
        data = good.read_bytes()
        return _write(good.with_name("cut.safetensors"), data[: int(len(data) * part)])

    return make


def wrong_shape(good: Path) -> Path:
    return _changed(good, lambda state, _: state.update({"content_map.bias": torch.zeros(7)}))


def not_a_number(good: Path) -> Path:
    return _changed(good, lambda state, _: state["content_map.bias"].fill_(float("nan")))


def another_model(good: Path) -> Path:
    save_file({"weight": torch.zeros(3)}, good.with_name("other.safetensors"))
    return good.with_name("other.safetensors")


def nested_config(good: Path) -> Path:
    return _changed(good, lambda _, metadata: metadata.update(config="[" * 100_000))


def endless_number(good: Path) -> Path:
    return _changed(good, lambda _, metadata: metadata.update(config='{"fps": %s}' % ("9" * 5000)))


def long_config(good: Path) -> Path:
    def change(_, metadata: dict[str, str]) -> None:
        metadata["config"] = json.dumps(json.loads(metadata["config"]) | {"front_end": "x" * 1_000_000})

    return _changed(good, change)


def metadata_of_99_mb(good: Path) -> Path:
    """As much as safetensors itself lets pass."""
    head = b'{"__metadata__":{"source":"%s"}}' % (b"x" * 99_000_000)
    return _write(good.with_name("long.safetensors"), struct.pack("<Q", len(head)) + head + bytes(8))


def metadata_of_110_mb(good: Path) -> Path:
    head = b'{"__metadata__":{"source":"%s"}}' % (b"x" * 110_000_000)
    return _write(good.with_name("long.safetensors"), struct.pack("<Q", len(head)) + head + bytes(8))


class RunsCode:
    def __reduce__(self):
        return (os.mkdir, ("was-run",))


def pickle_that_runs_code(good: Path) -> Path:
    return _write(good.with_name("EmoTalk.pth"), pickle.dumps({"audio_feature_map_cont.weight": RunsCode()}))


def torch_file_that_runs_code(good: Path) -> Path:
    torch.save({"audio_feature_map_cont.weight": RunsCode()}, good.with_name("EmoTalk.pth"))
    return good.with_name("EmoTalk.pth")


def zip_bomb(good: Path) -> Path:
    """A tenth of a megabyte that unpacks to 100."""
    path = good.with_name("EmoTalk.pth")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("archive/data.pkl", "w") as file:
            for _ in range(100):
                file.write(bytes(1 << 20))
        archive.writestr("archive/version", "3\n")
    return path


def _changed(good: Path, change: Callable[[dict[str, torch.Tensor], dict[str, str]], object]) -> Path:
    """A checkpoint whose weights or metadata were changed before it was written."""
    data = good.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    state, metadata = load_file(good), json.loads(data[8 : 8 + length])["__metadata__"]
    change(state, metadata)
    save_file(state, good.with_name("changed.safetensors"), metadata)
    return good.with_name("changed.safetensors")


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
