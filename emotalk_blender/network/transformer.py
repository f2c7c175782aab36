# SPDX-License-Identifier: GPL-3.0-or-later
"""The transformer of wav2vec 2.0 in its pre-norm ("stable layer norm") form, without attention maps.

Baevski et al. 2020, arXiv 2006.11477; the names of its parts are those that the weights of XLSR-53 have.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from .config import EncoderConfig


class Projection(nn.Module):
    """From front-end rows to the transformer's width."""

    def __init__(self, front_end_width: int, width: int, dropout: float) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(front_end_width)
        self.projection = nn.Linear(front_end_width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, rows: Tensor) -> Tensor:
        """[batch, frames, front_end_width] to [batch, frames, width]."""
        projected: Tensor = self.dropout(self.projection(self.layer_norm(rows)))
        return projected


class Positions(nn.Module):
    """Where a frame stands, from its neighbours: a wide grouped convolution, normalised by kernel position."""

    def __init__(self, width: int, kernel: int, groups: int) -> None:
        super().__init__()
        with torch.device("cpu"):  # On meta, PyTorch imports its compiler for the norm: 2 s before the first result.
            self.conv = weight_norm(nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=groups), dim=2)

    def forward(self, hidden: Tensor) -> Tensor:
        """[batch, frames, width] to the same shape; an even kernel's last output is left out.

        Computed in the type of its weights even while training computes in bfloat16: PyTorch 2.13 gets this convolution
        wrong there on processors with AMX.
        """
        assert self.conv.bias is not None
        with torch.autocast(hidden.device.type, enabled=False):
            heard = self.conv(hidden.to(self.conv.bias.dtype).transpose(1, 2))[..., : hidden.shape[1]]
        return nn.functional.gelu(heard).transpose(1, 2)


class Attention(nn.Module):
    """Self-attention over all frames."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.q_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, hidden: Tensor) -> Tensor:
        """[batch, frames, width] to the same shape."""
        dropout = self.dropout if self.training else 0.0
        query, key, value = (project(hidden) for project in (self.q_proj, self.k_proj, self.v_proj))
        result: Tensor = self.out_proj(attend(query, key, value, self.heads, dropout))
        return result


def attend(query: Tensor, key: Tensor, value: Tensor, heads: int, dropout: float = 0.0) -> Tensor:
    """What each frame takes from all frames, head by head: four times [batch, frames, width]."""
    batch, frames, width = query.shape
    query, key, value = (
        part.reshape(batch, frames, heads, width // heads).transpose(1, 2) for part in (query, key, value)
    )
    attended = nn.functional.scaled_dot_product_attention(query, key, value, dropout_p=dropout)
    return attended.transpose(1, 2).flatten(2)


class FeedForward(nn.Module):
    """Wide, GELU, narrow."""

    def __init__(self, width: int, wide: int, dropout: float) -> None:
        super().__init__()
        self.intermediate_dense = nn.Linear(width, wide)
        self.output_dense = nn.Linear(wide, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor) -> Tensor:
        """[batch, frames, width] to the same shape."""
        widened = self.dropout(nn.functional.gelu(self.intermediate_dense(hidden)))
        result: Tensor = self.dropout(self.output_dense(widened))
        return result


class Layer(nn.Module):
    """Attention and feed-forward, each normalised before and added."""

    def __init__(self, config: EncoderConfig, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(config.width, config.heads, dropout)
        self.layer_norm = nn.LayerNorm(config.width)
        self.feed_forward = FeedForward(config.width, config.feed_forward, dropout)
        self.final_layer_norm = nn.LayerNorm(config.width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor) -> Tensor:
        """[batch, frames, width] to the same shape."""
        hidden = hidden + self.dropout(self.attention(self.layer_norm(hidden)))
        result: Tensor = hidden + self.feed_forward(self.final_layer_norm(hidden))
        return result


class Transformer(nn.Module):
    """Positions, layers, a last normalisation."""

    def __init__(self, config: EncoderConfig, dropout: float) -> None:
        super().__init__()
        self.pos_conv_embed = Positions(config.width, config.position_kernel, config.position_groups)
        self.layer_norm = nn.LayerNorm(config.width)
        self.layers = nn.ModuleList(Layer(config, dropout) for _ in range(config.layers))
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor) -> Tensor:
        """[batch, frames, width] to the same shape."""
        hidden = self.dropout(hidden + self.pos_conv_embed(hidden))
        for layer in self.layers:
            hidden = layer(hidden)
        result: Tensor = self.layer_norm(hidden)
        return result
