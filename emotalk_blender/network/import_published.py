# SPDX-License-Identifier: GPL-3.0-or-later
"""Import of the published EmoTalk weights (EmoTalk.pth, CC BY-NC, fetched by the user) as a checkpoint of ours."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor

from ..errors import EmoTalkError
from ..files.paths import is_file
from .checkpoint import compare_layout, save_state
from .config import EmoTalkConfig, EncoderConfig
from .file_checks import check_archive
from .model import EmoTalk

SOURCE = "imported from a published EmoTalk checkpoint ({name})"
LICENCE = "CC BY-NC 4.0 (non-commercial), as published with EmoTalk"

# Published prefix -> ours; the first that fits is used.
RENAMES: tuple[tuple[str, str], ...] = (
    (r"^audio_encoder_cont\.", "content_encoder."),
    (r"^audio_encoder_emo\.wav2vec2\.", "emotion_encoder."),
    (r"^audio_encoder_emo\.classifier\.", "classifier."),
    (r"^audio_feature_map_cont\.", "content_map."),
    (r"^audio_feature_map_emo\.", "emotion_map."),
    (r"^audio_feature_map_emo2\.", "emotion_narrow_map."),
    (r"^obj_vector_level\.", "level_map."),
    (r"^obj_vector_person\.", "person_map."),
    (r"^transformer_decoder\.layers\.0\.self_attn\.in_proj_", "decoder.query_key_value."),
    (r"^transformer_decoder\.layers\.0\.self_attn\.out_proj\.", "decoder.attention_output."),
    (r"^transformer_decoder\.layers\.0\.multihead_attn\.in_proj_", "decoder.emotion_value."),
    (r"^transformer_decoder\.layers\.0\.multihead_attn\.out_proj\.", "decoder.emotion_output."),
    (r"^transformer_decoder\.layers\.0\.linear1\.", "decoder.expand."),
    (r"^transformer_decoder\.layers\.0\.linear2\.", "decoder.contract."),
    (r"^transformer_decoder\.layers\.0\.norm1\.", "decoder.attention_norm."),
    (r"^transformer_decoder\.layers\.0\.norm2\.", "decoder.emotion_norm."),
    (r"^transformer_decoder\.layers\.0\.norm3\.", "decoder.feed_forward_norm."),
    (r"^bs_map_r\.", "blendshape_map."),
)

# Weight normalisation of the positional convolution, as older PyTorch named its two parts.
WEIGHT_NORM = {
    "pos_conv_embed.conv.weight_g": "pos_conv_embed.conv.parametrizations.weight.original0",
    "pos_conv_embed.conv.weight_v": "pos_conv_embed.conv.parametrizations.weight.original1",
}

# In the file, but no part of what EmoTalk computes: the training mask and the speech recognition heads.
LEFT_OUT = (
    r"^audio_encoder_(cont|emo\.wav2vec2)\.masked_spec_embed$",
    r"^audio_encoder_(cont|emo\.wav2vec2)\.lm_head\.(weight|bias)$",
)

LAYER = re.compile(r"^content_encoder\.encoder\.layers\.(\d+)\.")


def import_published(source: Path, target: Path, dtype: str = "float32") -> None:
    """Write the weights of a published EmoTalk.pth as a checkpoint.

    dtype: "float32" or "float16". Nothing in the file is executed. Raises EmoTalkError, one sentence, for a file that
    is missing, damaged, would run code, or has other entries or shapes than the published network.
    """
    state = renamed(read_state_dict(source))
    config = published_config(state)
    with torch.device("meta"):
        expected = {name: tuple(tensor.shape) for name, tensor in EmoTalk(config).state_dict().items()}
    faults = compare_layout(expected, {name: tuple(tensor.shape) for name, tensor in state.items()})
    if faults:
        raise EmoTalkError(f"{source.name} is not the published EmoTalk network ({faults}). Choose its EmoTalk.pth.")
    save_state(state, config, target, {"source": SOURCE.format(name=source.name), "licence": LICENCE}, dtype)


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """The tensors of a PyTorch file by name, memory-mapped where the file allows. Raises EmoTalkError."""
    if not is_file(path):
        raise EmoTalkError(f"The file {path} does not exist. Choose the EmoTalk.pth that you downloaded.")
    try:
        loaded = _load(path)
    except pickle.UnpicklingError as error:
        raise EmoTalkError(
            f"{path.name} is not a plain table of weights: it is damaged, or would run code when opened. "
            "Download EmoTalk.pth again from its authors."
        ) from error
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, AttributeError, IndexError, TypeError) as error:
        raise EmoTalkError(f"{path.name} cannot be read as PyTorch weights. Download EmoTalk.pth again.") from error
    if not isinstance(loaded, Mapping) or not loaded:
        raise EmoTalkError(f"{path.name} holds no table of weights. Choose the published EmoTalk.pth.")
    state = {}
    stored: set[int] = set()
    for name, tensor in loaded.items():
        if not isinstance(name, str) or not _is_plain(tensor):
            raise EmoTalkError(f"{path.name} holds other things than weights. Choose the published EmoTalk.pth.")
        place = tensor.untyped_storage().data_ptr()
        # Safetensors stores no memory twice.
        state[name] = tensor.clone() if place in stored else tensor
        stored.add(place)
    return state


def _is_plain(value: object) -> bool:
    """Whether a value is a dense tensor of real numbers on the CPU."""
    return (
        isinstance(value, Tensor)
        and value.layout == torch.strided
        and value.device.type == "cpu"
        and value.is_floating_point()
    )


def _load(path: Path) -> object:
    """torch.load without code from the file; files of before PyTorch 1.6 cannot be memory-mapped."""
    with path.open("rb") as file:
        is_zip = file.read(2) == b"PK"
    if is_zip:
        check_archive(path)
    return torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip or None)


def renamed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The published entries under our names, without those left out; unknown names stay as they are."""
    result = {}
    for name, tensor in state.items():
        if any(re.match(pattern, name) for pattern in LEFT_OUT):
            continue
        ours = _our_name(name)
        # Of the cross-attention's query, key and value only the value takes part; see decoder.py.
        is_cross = ours.startswith("decoder.emotion_value.")
        result[ours] = tensor[2 * (len(tensor) // 3) :] if is_cross and tensor.ndim else tensor
    return result


def _our_name(name: str) -> str:
    """Our name of a published entry."""
    for pattern, ours in RENAMES:
        if re.match(pattern, name):
            name = re.sub(pattern, ours, name)
            break
    for theirs, ours in WEIGHT_NORM.items():
        name = name.replace(theirs, ours)
    return name


def published_config(state: Mapping[str, Tensor]) -> EmoTalkConfig:
    """The published config with as many transformer layers as the (renamed) entries have, 24 where none is found."""
    layers = max((number + 1 for number in _layer_numbers(state)), default=24)
    encoder = EncoderConfig(layers=min(layers, 100))
    return EmoTalkConfig(content=encoder, emotion=encoder)


def _layer_numbers(state: Mapping[str, Tensor]) -> Iterator[int]:
    """Indices of the content encoder's layers."""
    for name in state:
        match = LAYER.match(name)
        if match:
            yield int(match.group(1))
