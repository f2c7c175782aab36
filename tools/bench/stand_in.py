# SPDX-License-Identifier: GPL-3.0-or-later
"""The published way of computing EmoTalk, written from its description: what the network here is measured against.

float32, eager attention whose maps every layer returns, masks built at each call by Python loops, cross-attention
computed as attention, whole clips only. Its encoders are those of transformers.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers.models.wav2vec2.configuration_wav2vec2 import Wav2Vec2Config
from transformers.models.wav2vec2.modeling_wav2vec2 import (
    Wav2Vec2EncoderStableLayerNorm,
    Wav2Vec2FeatureEncoder,
    Wav2Vec2FeatureProjection,
)

from emotalk_blender.network.config import EmoTalkConfig, EncoderConfig
from emotalk_blender.network.grid import FrameGrid


class StandInEncoder(nn.Module):
    """A wav2vec 2.0 encoder of transformers that returns its attention maps."""

    def __init__(self, config: EmoTalkConfig, encoder: EncoderConfig) -> None:
        super().__init__()
        layout = Wav2Vec2Config(
            hidden_size=encoder.width,
            num_hidden_layers=encoder.layers,
            num_attention_heads=encoder.heads,
            intermediate_size=encoder.feed_forward,
            conv_dim=(config.front_end_width,) * 7,
            conv_bias=True,
            feat_extract_norm="layer",
            do_stable_layer_norm=True,
            num_conv_pos_embeddings=encoder.position_kernel,
            num_conv_pos_embedding_groups=encoder.position_groups,
            attn_implementation="eager",
        )
        self.feature_extractor = Wav2Vec2FeatureEncoder(layout)
        self.feature_projection = Wav2Vec2FeatureProjection(layout)
        self.encoder = Wav2Vec2EncoderStableLayerNorm(layout)

    def forward(self, audio: Tensor, frames: int) -> tuple[Tensor, list[Tensor]]:
        """[1, samples] to hidden features [1, frames, width] and the attention maps of all layers."""
        rows = _stretched(self.feature_extractor(audio).transpose(1, 2), frames)
        projected, _ = self.feature_projection(rows)
        maps: list[Tensor] = []

        def keep(_module: nn.Module, _inputs: Any, output: tuple[Tensor, Tensor]) -> None:
            maps.append(output[1])

        handles = [layer.attention.register_forward_hook(keep) for layer in self.encoder.layers]
        try:
            hidden: Tensor = self.encoder(projected).last_hidden_state
        finally:
            for handle in handles:
                handle.remove()
        return hidden, maps


class StandIn(nn.Module):
    """EmoTalk as published, for one clip; its blendshapes come From Voice, at the strong level, by person 0."""

    def __init__(self, config: EmoTalkConfig) -> None:
        super().__init__()
        self.config = config
        width = config.decoder_width
        self.content_encoder = StandInEncoder(config, config.content)
        self.emotion_encoder = StandInEncoder(config, config.emotion)
        self.content_map = nn.Linear(config.content.width, config.content_features)
        self.emotion_map = nn.Linear(config.emotion.width, width)
        self.emotion_narrow_map = nn.Linear(width, config.emotion_features)
        self.level_map = nn.Linear(config.levels, config.level_features)
        self.person_map = nn.Linear(config.persons, config.person_features)
        self.decoder = nn.TransformerDecoderLayer(
            width, config.decoder_heads, config.decoder_feed_forward, dropout=0.0, batch_first=True
        )
        self.blendshape_map = nn.Linear(width, config.blendshapes)

    @torch.no_grad()
    def forward(self, audio: Tensor) -> Tensor:
        """[samples] to blendshape weights [frames, 52]."""
        config = self.config
        grid = FrameGrid(len(audio), config.fps)
        normal = ((audio - audio.mean()) / torch.sqrt(audio.var(unbiased=False) + config.variance_floor))[None]
        content, _maps = self.content_encoder(normal, grid.frames)
        emotion, _emotion_maps = self.emotion_encoder(normal, grid.emotion_frames)
        emotion = self.emotion_map(_stretched(emotion, grid.frames))
        narrow = torch.relu(self.emotion_narrow_map(emotion))
        level = torch.eye(config.levels, device=audio.device)[-1].expand(1, grid.frames, -1)
        person = torch.eye(config.persons, device=audio.device)[0].expand(1, grid.frames, -1)
        fused = torch.cat([self.content_map(content), narrow, self.level_map(level), self.person_map(person)], dim=-1)
        recent = recency_mask(grid.frames, config).to(audio.device)
        own = own_frame_mask(grid.frames).to(audio.device)
        hidden = self.decoder(fused, emotion, tgt_mask=recent, memory_mask=own)
        blendshapes: Tensor = self.blendshape_map(hidden)[0]
        return blendshapes

    def take_weights(self, state: dict[str, Tensor]) -> None:
        """Use the weights of our network, given by its state dict; what cross-attention alone wants is made up."""
        width = self.config.decoder_width
        ours = {name: tensor for name, tensor in state.items() if not name.startswith(("classifier.", "decoder."))}
        ours |= {f"decoder.{new}": state[f"decoder.{old}"] for new, old in _same_in_the_decoder()}
        for kind, shape in (("weight", (2 * width, width)), ("bias", (2 * width,))):
            value = state[f"decoder.emotion_value.{kind}"]
            ours[f"decoder.multihead_attn.in_proj_{kind}"] = torch.cat([torch.zeros(shape), value])
        self.load_state_dict(ours, assign=True)
        self.requires_grad_(False).eval()


def _same_in_the_decoder() -> list[tuple[str, str]]:
    """Pairs of names of the same weight: in torch's decoder layer, and in ours."""
    modules = {
        "self_attn.out_proj.": "attention_output.",
        "multihead_attn.out_proj.": "emotion_output.",
        "linear1.": "expand.",
        "linear2.": "contract.",
        "norm1.": "attention_norm.",
        "norm2.": "emotion_norm.",
        "norm3.": "feed_forward_norm.",
        "self_attn.in_proj_": "query_key_value.",
    }
    return [(new + kind, old + kind) for new, old in modules.items() for kind in ("weight", "bias")]


def recency_mask(frames: int, config: EmoTalkConfig) -> Tensor:
    """Causal bias of each head, [heads, frames, frames], filled row by row."""
    heads = config.decoder_heads
    mask = torch.full((heads, frames, frames), float("-inf"))
    for head in range(heads):
        slope = 2.0 ** (-8.0 * (head + 1) / heads)
        for row in range(frames):
            distance = torch.arange(row, -1, -1)
            mask[head, row, : row + 1] = -slope * torch.div(distance, config.period, rounding_mode="floor")
    return mask


def own_frame_mask(frames: int) -> Tensor:
    """Leaves each frame only its own, bool [frames, frames], filled row by row."""
    mask = torch.ones(frames, frames, dtype=torch.bool)
    for row in range(frames):
        mask[row, row] = False
    return mask


def _stretched(rows: Tensor, frames: int) -> Tensor:
    """Rows [1, count, width] interpolated over time to [1, frames, width]."""
    stretched = nn.functional.interpolate(rows.transpose(1, 2), size=frames, mode="linear", align_corners=True)
    return stretched.transpose(1, 2)
