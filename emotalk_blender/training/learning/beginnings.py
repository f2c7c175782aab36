# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run begins with instead of random weights: a checkpoint of ours, or wav2vec 2.0 encoders.

A folder of a wav2vec 2.0 encoder is one that `transformers` saved: config.json and safetensors. The network then takes
over its shape. As in the paper (Peng et al. 2023, section 3.2) its convolutions stay as they are.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from torch import Tensor

from ...errors import EmoTalkError
from ...network.checkpoint import compare_layout, load_checkpoint
from ...network.config import EncoderConfig
from ...network.encoders import SpeechEncoder
from ...network.front_ends import KERNELS, STRIDES
from ...network.model import EmoTalk
from .settings import TrainingSettings

if TYPE_CHECKING:
    from transformers import Wav2Vec2Config

NOT_LEARNED = "masked_spec_embed"
"""What transformers saves beside the encoder's weights: it hides sound while they are trained."""


@dataclass(frozen=True)
class Beginning:
    """What a run begins with: a checkpoint, or folders of wav2vec 2.0 encoders; None of each: random weights."""

    base: Path | None = None
    content_from: Path | None = None
    emotion_from: Path | None = None

    @property
    def has_encoders(self) -> bool:
        """Whether a wav2vec 2.0 encoder is among it."""
        return self.content_from is not None or self.emotion_from is not None

    def noted_in(self, settings: TrainingSettings) -> TrainingSettings:
        """The settings with a digest of each, and the network in the shape of the encoders. Raises EmoTalkError."""
        if self.base is not None:
            settings = dataclasses.replace(settings, base=_digest([self.base]))
        for branch, folder in (("content", self.content_from), ("emotion", self.emotion_from)):
            if folder is not None:
                shape = encoder_shape(read_config(folder))
                front_end = {"front_end": "waveform", "front_end_width": read_config(folder).conv_dim[0]}
                if branch == "emotion" and self.content_from is not None:
                    _check_alike(settings, front_end, folder)
                values: dict[str, Any] = {branch: shape, **front_end}
                noted: dict[str, Any] = {f"{branch}_from": _digest(sorted(folder.glob("*.safetensors")))}
                network = dataclasses.replace(settings.network, **values)
                settings = dataclasses.replace(settings, network=network, **noted)
        return settings

    def fill(self, network: EmoTalk) -> None:
        """Put the weights into a network that was made by the noted settings. Raises EmoTalkError."""
        if self.base is not None:
            fill_from_checkpoint(network, self.base)
        if self.content_from is not None:
            fill_encoder(network.content_encoder, self.content_from)
        if self.emotion_from is not None:
            fill_encoder(network.emotion_encoder, self.emotion_from)

    def check_against(self, settings: TrainingSettings) -> None:
        """Raise EmoTalkError where the settings of a new run begin with something that is not here."""
        for noted, path, name in (
            (settings.base, self.base, "a checkpoint: name it as base"),
            (settings.content_from, self.content_from, "an encoder: name its folder with --content-from"),
            (settings.emotion_from, self.emotion_from, "an encoder: name its folder with --emotion-from"),
        ):
            if noted and path is None:
                raise EmoTalkError(f"These settings begin with {name} (SHA-256 {noted[:12]}...).")


def keep_front_ends(network: EmoTalk, settings: TrainingSettings) -> None:
    """Keep the convolutions of encoders that began with wav2vec 2.0 as they are."""
    if settings.content_from:
        network.content_encoder.feature_extractor.requires_grad_(False)
    if settings.emotion_from:
        network.emotion_encoder.feature_extractor.requires_grad_(False)


def fill_from_checkpoint(network: EmoTalk, base: Path) -> None:
    """Take the weights of a checkpoint of the same shape; persons that it lacks begin as the plain one, person 0."""
    other, info = load_checkpoint(base)
    missing = network.config.persons - info.config.persons
    if missing < 0 or dataclasses.replace(info.config, persons=network.config.persons) != network.config:
        raise EmoTalkError(f"{base} holds a network of another shape. Choose another base or other settings.")
    state = other.state_dict()
    plain = state["person_map.weight"][:, :1].expand(-1, missing)
    state["person_map.weight"] = torch.cat([state["person_map.weight"], plain], dim=1)
    network.load_state_dict(state)


def read_config(folder: Path) -> Wav2Vec2Config:
    """The config of a wav2vec 2.0 folder. Raises EmoTalkError where there is none, or one of another kind."""
    from transformers import Wav2Vec2Config

    if not (folder / "config.json").is_file() or not list(folder.glob("*.safetensors")):
        raise EmoTalkError(f"{folder} holds no encoder. Choose a folder with config.json and .safetensors.")
    try:
        config = Wav2Vec2Config.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, TypeError) as error:
        raise EmoTalkError(f"{folder / 'config.json'} cannot be read ({error}). Get the encoder again.") from error
    if config.model_type != "wav2vec2":
        raise EmoTalkError(f"{folder} holds a {config.model_type}. Choose a wav2vec 2.0 encoder.")
    plain = (config.do_stable_layer_norm, config.feat_extract_norm == "layer", config.conv_bias)
    if not all(plain) or (*config.conv_kernel,) != KERNELS or (*config.conv_stride,) != STRIDES:
        raise EmoTalkError(f"{folder} holds a small wav2vec 2.0. Choose one of the large kind, such as XLSR-53.")
    if len(set(config.conv_dim)) > 1:
        raise EmoTalkError(f"The convolutions of {folder} have different widths. Choose another encoder.")
    return config


def encoder_shape(config: Wav2Vec2Config) -> EncoderConfig:
    """The shape of a wav2vec 2.0 transformer, as ours."""
    return EncoderConfig(
        width=config.hidden_size,
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        feed_forward=config.intermediate_size,
        position_kernel=config.num_conv_pos_embeddings,
        position_groups=config.num_conv_pos_embedding_groups,
    )


def fill_encoder(encoder: SpeechEncoder, folder: Path) -> None:
    """Put the weights of a wav2vec 2.0 folder into an encoder of its shape; its parts have the same names as ours."""
    state = _weights(folder)
    shapes = {name: tuple(tensor.shape) for name, tensor in encoder.state_dict().items()}
    faults = compare_layout(shapes, {name: tuple(tensor.shape) for name, tensor in state.items()})
    if faults:
        raise EmoTalkError(f"{folder} holds another encoder than its config.json says ({faults}). Get it again.")
    encoder.load_state_dict(state)


def _weights(folder: Path) -> dict[str, Tensor]:
    """The weights of a wav2vec 2.0 folder by name, whatever head was trained on it."""
    from transformers import Wav2Vec2Model

    try:
        model, report = Wav2Vec2Model.from_pretrained(
            folder, local_files_only=True, output_loading_info=True, torch_dtype=torch.float32
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise EmoTalkError(f"The weights in {folder} cannot be read ({error}). Get the encoder again.") from error
    missing = sorted(set(report["missing_keys"]) - {NOT_LEARNED})
    if missing:
        raise EmoTalkError(f"The weights in {folder} lack {missing[0]}, and more perhaps. Get the encoder again.")
    return {name: tensor for name, tensor in model.state_dict().items() if name != NOT_LEARNED}


def _check_alike(settings: TrainingSettings, front_end: dict[str, object], folder: Path) -> None:
    """Raise EmoTalkError where two encoders have convolutions of different widths."""
    if settings.network.front_end_width != front_end["front_end_width"]:
        raise EmoTalkError(f"The convolutions of {folder} are not as wide as the other encoder's. Choose another.")


def _digest(paths: list[Path]) -> str:
    """SHA-256 of some files, one after the other. Raises EmoTalkError where one cannot be read."""
    digest = hashlib.sha256()
    try:
        for path in paths:
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
    except OSError as error:
        raise EmoTalkError(f"{path} cannot be read ({error.strerror}). Choose another file.") from error
    return digest.hexdigest()
