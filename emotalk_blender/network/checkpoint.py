# SPDX-License-Identifier: GPL-3.0-or-later
"""Checkpoints: safetensors whose metadata hold the config, so that a file says by itself which network it is."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ..errors import EmoTalkError
from ..files.atomic import replacing
from ..files.paths import is_file
from ..model_format import FORMAT
from .config import ConfigError, EmoTalkConfig
from .file_checks import check_head
from .model import EmoTalk

DTYPES = {"float32": torch.float32, "float16": torch.float16}
NAMED_FAULTS = 4
LONGEST_REASON = 300
"""Letters of a file's own words that a sentence may quote."""

ENCODERS = ("content_encoder.", "emotion_encoder.")
"""How the names of nearly all weights begin."""


@dataclass(frozen=True)
class CheckpointInfo:
    """What a checkpoint says of itself.

    source: what it was trained on or imported from; licence: of the weights; parameters: how many numbers it holds;
    dtype: how they are stored; person_names: names of persons who have one, by their number.
    """

    config: EmoTalkConfig
    source: str
    licence: str
    parameters: int
    dtype: str
    person_names: Mapping[int, str] = field(default_factory=dict)

    @property
    def fps(self) -> int:
        """Frames per second of the network's output."""
        return self.config.fps


def save_checkpoint(model: EmoTalk, path: Path, *, source: str, licence: str, dtype: str = "float32") -> None:
    """Write a model as a checkpoint, all of it or nothing.

    dtype: "float32" or "float16", how the weights are stored. Raises EmoTalkError where the file cannot be written.
    """
    notes = {"source": source, "licence": licence}
    if model.person_names:
        notes["persons"] = json.dumps(model.person_names)
    save_state(model.state_dict(), model.config, path, notes, dtype)


def save_state(
    state: Mapping[str, Tensor], config: EmoTalkConfig, path: Path, notes: Mapping[str, str], dtype: str
) -> None:
    """Write the entries of a model's state dict as a checkpoint; see save_checkpoint.

    notes: what the file says of itself beside its config: source and licence, persons (names by number, as JSON).
    """
    tensors = {name: tensor.detach().to("cpu", DTYPES[dtype]).contiguous() for name, tensor in state.items()}
    for name, tensor in tensors.items():
        if not bool(torch.isfinite(tensor).all()):
            raise EmoTalkError(f"The weights were not saved: {name} holds numbers that {dtype} cannot store.")
    metadata = {
        "format": FORMAT,
        "config": config.to_json(),
        "emotions": json.dumps(config.emotions),
        "fps": str(config.fps),
        **notes,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            save_file(tensors, temporary, metadata)
    except (OSError, SafetensorError) as error:
        raise EmoTalkError(f"The model file {path} cannot be written: {error}. Choose another folder.") from error


def read_info(path: Path) -> CheckpointInfo:
    """Read what a checkpoint says of itself, without its weights. Raises EmoTalkError for anything else."""
    with _opened(path) as file:
        return _info(path, file)


def load_checkpoint(path: Path) -> tuple[EmoTalk, CheckpointInfo]:
    """Load a checkpoint: the model in float32 on the CPU, in eval mode, and what the file says of itself.

    Raises EmoTalkError, one sentence, for a file that is missing, damaged, or no checkpoint of an EmoTalk network.
    """
    model, info = map_checkpoint(path)
    check_weights(model.named_parameters(), path)
    return model.float(), info


def map_checkpoint(path: Path) -> tuple[EmoTalk, CheckpointInfo]:
    """As load_checkpoint, with the weights as they are stored: mapped from the file, and read where they are used.

    Whether they are numbers is for check_weights to say.
    Each encoder has a mapping of its own, so that what it maps can go when its weights were made into others.
    """
    with _opened(path) as file:
        info = _info(path, file)
        with torch.device("meta"):
            model = EmoTalk(info.config)
        expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
        found = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118  # no iterator
    faults = compare_layout(expected, found)
    if faults:
        raise EmoTalkError(f"{path.name} does not fit its own description ({faults}). Get the file again.")
    parts: dict[str, list[str]] = {}
    for name in expected:
        parts.setdefault(name.partition(".")[0] if name.startswith(ENCODERS) else "", []).append(name)
    state: dict[str, Tensor] = {}
    for names in parts.values():
        with _opened(path) as file:
            state |= {name: file.get_tensor(name) for name in names}
    model.load_state_dict(state, assign=True)
    model.person_names = dict(info.person_names)
    model.requires_grad_(False)
    return model.eval(), info


def check_weights(weights: Iterable[tuple[str, Tensor]], path: Path) -> None:
    """Raise EmoTalkError where one of the named weights, which came from this file, is no number."""
    for name, tensor in weights:
        if not all(math.isfinite(bound) for bound in torch.stack(torch.aminmax(tensor)).tolist()):
            raise EmoTalkError(f"{path.name} holds weights that are not numbers ({name}). Get the file again.")


def compare_layout(expected: Mapping[str, tuple[int, ...]], found: Mapping[str, tuple[int, ...]]) -> str:
    """What differs between two layouts (name to shape), the first few by name; empty where nothing does."""
    faults = [f"{name} is missing" for name in expected if name not in found]
    faults += [f"{name} is unknown" for name in found if name not in expected]
    faults += [
        f"{name} is {list(found[name])}, not {list(shape)}"
        for name, shape in expected.items()
        if name in found and found[name] != shape
    ]
    more = f", and {len(faults) - NAMED_FAULTS} more" if len(faults) > NAMED_FAULTS else ""
    return textwrap.shorten(", ".join(faults[:NAMED_FAULTS]), LONGEST_REASON) + more


def _opened(path: Path) -> Any:
    """The file opened by safetensors (memory-mapped), as a context manager."""
    if not is_file(path):
        raise EmoTalkError(f"The model file {path} does not exist. Choose another one.")
    check_head(path)
    try:
        return safe_open(path, framework="pt")
    except (SafetensorError, OSError) as error:
        hint = "Get the file again, or import an EmoTalk.pth with import-checkpoint first."
        raise EmoTalkError(f"{path.name} is not a readable model file (safetensors). {hint}") from error


def _info(path: Path, file: Any) -> CheckpointInfo:
    """What the metadata of an opened file say."""
    metadata = file.metadata() or {}
    if metadata.get("format") != FORMAT:
        raise EmoTalkError(
            f"{path.name} holds weights, but not those of an EmoTalk network. Choose another model file."
        )
    try:
        config = EmoTalkConfig.from_json(metadata.get("config", ""))
    except ConfigError as error:
        reason = textwrap.shorten(str(error), LONGEST_REASON)
        raise EmoTalkError(f"{path.name} describes no usable network: {reason}. Get the file again.") from error
    slices = [file.get_slice(name) for name in file.keys()]  # noqa: SIM118  # safe_open has no iterator
    parameters = sum(_product(part.get_shape()) for part in slices)
    dtypes = sorted({str(part.get_dtype()) for part in slices})
    return CheckpointInfo(
        config=config,
        source=metadata.get("source", "unknown"),
        licence=metadata.get("licence", "unknown"),
        parameters=parameters,
        dtype=", ".join(dtypes),
        person_names=_person_names(metadata.get("persons", "{}"), config.persons),
    )


def _person_names(text: str, persons: int) -> dict[int, str]:
    """Names of persons by their number, from JSON; none where the text is damaged."""
    try:
        names = {int(number): str(name) for number, name in json.loads(text).items()}
    except (ValueError, AttributeError, RecursionError):
        return {}
    return {number: name for number, name in names.items() if 0 <= number < persons}


def _product(shape: list[int]) -> int:
    """Number of elements of a shape."""
    count = 1
    for size in shape:
        count *= size
    return count
