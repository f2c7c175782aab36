# SPDX-License-Identifier: GPL-3.0-or-later
"""The emotion-guided fusion decoder: one post-norm transformer layer with a bias towards the recent past."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .config import EmoTalkConfig

BLOCK = 256
"""Frames whose attention is computed at once; bounds the memory on long clips, changes no result."""


@dataclass
class Past:
    """What a decoder keeps of the frames before: keys and values, [batch, heads, frames, width / heads] each.

    None before the first frame.
    """

    keys: Tensor | None = None
    values: Tensor | None = None


@dataclass(frozen=True)
class Recency:
    """How attention fades with distance: for so many heads, in steps of `period` frames, over `history` frames."""

    heads: int
    period: int
    history: int


def recency_bias(frames: int, reach: int, recency: Recency, like: Tensor) -> Tensor:
    """Bias of causal attention of `frames` queries i to their own keys and `reach` before: [heads, frames, keys].

    -slope_h * floor((i - j) / period) with slopes 2^(-8 (h + 1) / heads) (1/4, 1/16, 1/64, 1/256 for four heads);
    minus infinity for the future (j > i) and for the past beyond `history` frames. On the device and in the type of
    `like`.
    """
    # It knows the distance of two frames alone: one row, from the furthest past to the furthest future, serves all.
    distance = torch.arange(frames - 1 + reach, -frames, -1, device=like.device)
    slopes = 2.0 ** (-8.0 * torch.arange(1, recency.heads + 1, device=like.device) / recency.heads)
    row = -slopes[:, None] * torch.div(distance, recency.period, rounding_mode="floor")
    row = row.masked_fill((distance < 0) | (distance >= recency.history), float("-inf"))
    return row.to(like.dtype).unfold(-1, reach + frames, 1).flip(-2)


class FusionDecoder(nn.Module):
    """Self-attention over the fused features, the frame's own emotion features, and a feed-forward layer.

    The published network reads the emotion features by cross-attention through a mask that leaves each frame
    only its own: a softmax over one element is 1, so it is the value and output projections and nothing more.
    """

    def __init__(self, config: EmoTalkConfig) -> None:
        super().__init__()
        width = config.decoder_width
        self.recency = Recency(config.decoder_heads, config.period, config.history_frames)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attention_output = nn.Linear(width, width)
        self.emotion_value = nn.Linear(width, width)
        self.emotion_output = nn.Linear(width, width)
        self.expand = nn.Linear(width, config.decoder_feed_forward)
        self.contract = nn.Linear(config.decoder_feed_forward, width)
        self.attention_norm = nn.LayerNorm(width)
        self.emotion_norm = nn.LayerNorm(width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, fused: Tensor, emotion: Tensor, past: Past | None = None) -> Tensor:
        """Fused features and emotion features, both [batch, frames, width], to [batch, frames, width].

        past: what is kept of the frames before these; it is brought up to date for the next ones.
        """
        hidden = self.attention_norm(fused + self.dropout(self._attend(fused, past or Past())))
        guided = self.emotion_output(self.emotion_value(emotion))
        hidden = self.emotion_norm(hidden + self.dropout(guided))
        widened = self.contract(self.dropout(torch.relu(self.expand(hidden))))
        result: Tensor = self.feed_forward_norm(hidden + self.dropout(widened))
        return result

    def _attend(self, hidden: Tensor, past: Past) -> Tensor:
        """Causal self-attention, block by block over the queries."""
        split = self.query_key_value(hidden).unflatten(-1, (3, self.recency.heads, -1))
        query, key, value = split.permute(2, 0, 3, 1, 4)
        if past.keys is not None and past.values is not None:
            key, value = torch.cat([past.keys, key], dim=2), torch.cat([past.values, value], dim=2)
        frames, before = query.shape[2], key.shape[2] - query.shape[2]
        reach = min(self.recency.history, key.shape[2]) - 1
        # Seen from its first frame, every block has the same bias.
        bias = recency_bias(min(BLOCK, frames), reach, self.recency, hidden)
        blocks = []
        for start in range(before, before + frames, BLOCK):
            stop = min(start + BLOCK, before + frames)
            first = max(0, start - reach)
            blocks.append(
                nn.functional.scaled_dot_product_attention(
                    query[:, :, start - before : stop - before],
                    key[:, :, first:stop],
                    value[:, :, first:stop],
                    bias[None, :, : stop - start, first - start + reach : stop - start + reach],
                )
            )
        kept = slice(max(0, before + frames - self.recency.history + 1), None)
        past.keys, past.values = key[:, :, kept], value[:, :, kept]
        attended = torch.cat(blocks, dim=2).transpose(1, 2).flatten(2)
        result: Tensor = self.attention_output(attended)
        return result
