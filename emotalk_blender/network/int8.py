# SPDX-License-Identifier: GPL-3.0-or-later
"""Matrix products of the encoders in 8-bit integers: about twice as fast on processors, in a quarter of the memory."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .front_ends import StepConvolution, StepLayer, seen_steps
from .transformer import Attention, FeedForward, Layer, attend

WEIGHT_LIMIT, INPUT_LIMIT = 91, 180
"""Largest 8-bit weight and input. Processors without VNNI add pairs of products in 16 bits: 2 * 91 * 180 still fits, so
that no sum is ever cut, and all processors compute the same. About as many steps for both make the least error."""

OPERATORS = ("qlinear_prepack", "qlinear_pointwise")


def int8_is_there() -> bool:
    """Whether this PyTorch has the products that are needed: it runs on x86 and was built with oneDNN."""
    if "onednn" not in torch.backends.quantized.supported_engines:
        return False
    return all(hasattr(torch.ops.onednn, name) for name in OPERATORS)


def quantise_layer(layer: nn.Module) -> None:
    """Put 8-bit products in place of the own ones of a transformer's or a waveform front end's layer."""
    if isinstance(layer, Layer):
        layer.add_module("attention", Int8Attention(layer.attention))
        layer.add_module("feed_forward", Int8FeedForward(layer.feed_forward))
    elif isinstance(layer, StepLayer) and layer.conv.in_channels > 1:
        # The first convolution reads ten samples: nothing to gain.
        layer.add_module("conv", Int8StepConvolution(layer.conv))


@dataclass(frozen=True)
class WholeNumbers:
    """Inputs as 8-bit integers: values uint8 [rows, inputs], of which value v stands for scale * (v - zero)."""

    values: Tensor
    scale: float
    zero: int


def whole_numbers(inputs: Tensor) -> WholeNumbers:
    """float32 [rows, inputs] in INPUT_LIMIT even steps from their smallest to their largest number."""
    lowest, highest = torch.stack(torch.aminmax(inputs)).tolist()
    lowest, highest = min(lowest, 0.0), max(highest, 0.0)
    scale = max((highest - lowest) / INPUT_LIMIT, 1e-12)
    zero = round(-lowest / scale)
    # The conversion cuts off, so that 0.5 more rounds; no number can then lie outside 0 to INPUT_LIMIT + 1.
    values = torch.add(torch.tensor(zero + 0.5), inputs, alpha=1 / scale).to(torch.uint8)
    return WholeNumbers(values, scale, zero)


class Int8Linear(nn.Module):
    """A linear layer with 8-bit weights, a scale for each output (Jacob et al. 2018, arXiv 1712.05877).

    activation: "none" or "gelu".
    """

    def __init__(self, weight: Tensor, bias: Tensor | None, activation: str = "none") -> None:
        super().__init__()
        weight = weight.float()
        self.scales = weight.abs().amax(dim=1).clamp_(min=1e-12).div_(WEIGHT_LIMIT)
        whole = (weight / self.scales[:, None]).round_().to(torch.int8)
        self.packed = torch.ops.onednn.qlinear_prepack(whole, None)
        self.zeros = torch.zeros(len(whole), dtype=torch.int32)
        self.bias = None if bias is None else bias.float()
        self.activation = activation

    def forward(self, inputs: Tensor) -> Tensor:
        """float32 [..., inputs] to float32 [..., outputs]."""
        result = self.product(whole_numbers(inputs.reshape(-1, inputs.shape[-1])))
        return result.view(*inputs.shape[:-1], result.shape[-1])

    def product(self, whole: WholeNumbers) -> Tensor:
        """The layer's outputs for inputs that are 8-bit integers already: float32 [rows, outputs]."""
        result: Tensor = torch.ops.onednn.qlinear_pointwise(
            whole.values,
            whole.scale,
            whole.zero,
            self.packed,
            self.scales,
            self.zeros,
            self.bias,
            1.0,
            0,
            torch.float32,
            self.activation,
            [],
            "none",
        )
        return result


class Int8Attention(nn.Module):
    """Self-attention with 8-bit projections; the attention itself is computed in float32."""

    def __init__(self, attention: Attention) -> None:
        super().__init__()
        self.heads = attention.heads
        projections = (attention.q_proj, attention.k_proj, attention.v_proj)
        weight = torch.cat([projection.weight for projection in projections])
        self.query_key_value = Int8Linear(weight, torch.cat([projection.bias for projection in projections]))
        self.out_proj = Int8Linear(attention.out_proj.weight, attention.out_proj.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        """[batch, frames, width] to the same shape."""
        query, key, value = self.query_key_value(hidden).chunk(3, dim=-1)
        result: Tensor = self.out_proj(attend(query, key, value, self.heads))
        return result


class Int8FeedForward(nn.Module):
    """Wide, GELU, narrow, with 8-bit products."""

    def __init__(self, feed_forward: FeedForward) -> None:
        super().__init__()
        wide, narrow = feed_forward.intermediate_dense, feed_forward.output_dense
        self.intermediate_dense = Int8Linear(wide.weight, wide.bias, "gelu")
        self.output_dense = Int8Linear(narrow.weight, narrow.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        """[batch, frames, width] to the same shape."""
        result: Tensor = self.output_dense(self.intermediate_dense(hidden))
        return result


class Int8StepConvolution(nn.Module):
    """A convolution of steps with 8-bit products."""

    def __init__(self, convolution: StepConvolution) -> None:
        super().__init__()
        self.kernel, self.stride = convolution.kernel_size[0], convolution.stride[0]
        self.linear = Int8Linear(convolution.matrix(), convolution.bias)

    def forward(self, steps: Tensor) -> Tensor:
        """[1, steps, channels] to [1, fewer steps, width]."""
        whole = whole_numbers(steps[0])
        seen = seen_steps(whole.values[None], self.kernel, self.stride)[0]
        return self.linear.product(WholeNumbers(seen.contiguous(), whole.scale, whole.zero))[None]
