# SPDX-License-Identifier: GPL-3.0-or-later
"""Large networks in fewer bits, where what they perform stays the same to the eye."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import remove_parametrizations

from ..curves import SAMPLE_RATE
from .checkpoint import CheckpointInfo, check_weights, load_checkpoint, map_checkpoint, read_info
from .encoders import SpeechEncoder
from .front_ends import CHUNK
from .grid import HOP, REACH
from .int8 import int8_is_there, quantise_layer
from .model import EmoTalk

log = logging.getLogger(__name__)

BOUND = 0.015
"""How far a blendshape weight may be from that in float32 on the sound that decides, which is short; to stay within
0.02 on others."""

FLOAT16, INT8 = "float16", "8-bit integers"

PYTORCH_FAILURES = (RuntimeError, TypeError, AttributeError, ValueError)
"""How PyTorch tells of an operator that takes something else, or is not there on this device."""

LARGE = 50_000_000
"""Parameters below which float32 is quick enough, so that fewer bits are not tried."""


class LoadedNetwork(NamedTuple):
    """A network on its device, to hear and perform with; only one in float32 can be trained and saved.

    precision: the numbers that its encoders compute with, in words, and why they are not smaller ones.
    """

    model: EmoTalk
    info: CheckpointInfo
    precision: str


def load_quick(path: Path, device: torch.device, exact: bool = False) -> LoadedNetwork:
    """Load a checkpoint onto this device. Raises EmoTalkError as load_checkpoint does.

    The encoders of a large network come in fewer bits where they keep within BOUND, unless `exact`.

    On the CPU these are 8-bit integers, where PyTorch has their products (x86), on CUDA float16, elsewhere float32.
    What decides is a measurement at each load: a made-up second of speech-like sound is heard both ways. Where PyTorch
    fails in that, because its products are no longer what they were, it is float32 as well.
    """
    why = ""
    kind = _fewer_bits(device)
    if kind and not exact and _is_large(read_info(path)):
        try:
            model, info = map_checkpoint(path)
            error = to_float16(model, path, device) if kind == FLOAT16 else to_int8(model, path)
            if error <= BOUND:
                return LoadedNetwork(model, info, kind)
            why = f", as {kind} would change this network too much"
        except torch.cuda.OutOfMemoryError:
            raise
        except PYTORCH_FAILURES as failure:
            why = f", as {kind} failed ({type(failure).__name__}: {str(failure).partition(chr(10))[0]})"
            log.warning("%s is loaded in float32%s", path.name, why)
    model, info = load_checkpoint(path)
    return LoadedNetwork(model.to(device), info, f"float32{why}")


def _fewer_bits(device: torch.device) -> str:
    """The smaller numbers that this device computes with; empty where there are none."""
    if device.type == "cuda":
        return FLOAT16
    return INT8 if device.type == "cpu" and int8_is_there() else ""


def _is_large(info: CheckpointInfo) -> bool:
    return info.parameters >= LARGE and info.config.front_end == "waveform"


def check_sound() -> Tensor:
    """1.3 s at 16 kHz, like speech: syllables of a buzz with three formants, pauses between them, hiss all along."""
    time = torch.arange((CHUNK - 1) * HOP + REACH) / SAMPLE_RATE
    pitch = 120 + 30 * torch.sin(2 * torch.pi * 1.3 * time)
    phase = 2 * torch.pi * torch.cumsum(pitch, 0) / SAMPLE_RATE
    sound = torch.zeros_like(time)
    for harmonic in range(1, 30):
        frequency = harmonic * pitch
        loudness = sum(
            torch.exp(-(((frequency - formant * (1 + 0.3 * torch.sin(2 * torch.pi * 3 * time))) / 150) ** 2))
            for formant in (500, 1500, 2500)
        )
        sound += loudness * torch.sin(harmonic * phase)
    syllables = torch.sin(2 * torch.pi * 2.2 * time).clamp(min=0)
    hiss = torch.randn(len(time), generator=torch.Generator().manual_seed(0))
    return 0.1 * syllables * sound + 0.003 * hiss


def to_int8(model: EmoTalk, path: Path) -> float:
    """8-bit encoders, layer by layer, so that hardly more than these is ever in memory; returns the largest error."""

    def widen(layer: nn.Module, _inputs: object) -> None:
        check_weights(layer.named_parameters(), path)
        layer.float()

    def narrow(layer: nn.Module, _inputs: object, _output: object) -> None:
        quantise_layer(layer)

    def quantise_while_heard(encoder: SpeechEncoder, hear: Callable[[], Tensor]) -> Tensor:
        layers = _layers(encoder)
        handles = [layer.register_forward_pre_hook(widen) for layer in layers]
        handles += [layer.register_forward_hook(narrow) for layer in layers]
        exact = hear()
        for handle in handles:
            handle.remove()
        return exact

    for module in _without_layers(model):
        check_weights(module.named_parameters(recurse=False), path)
        for parameter in module.parameters(recurse=False):
            parameter.data = parameter.detach().float().clone()  # no longer mapped from the file
    for encoder in (model.content_encoder, model.emotion_encoder):
        remove_parametrizations(encoder.encoder.pos_conv_embed.conv, "weight")  # computed once instead of each time
    return _error(model, quantise_while_heard)


def to_float16(model: EmoTalk, path: Path, device: torch.device) -> float:
    """float16 encoders on the device; returns the largest error."""
    check_weights(model.named_parameters(), path)
    model.to(device).float()

    def halve(encoder: SpeechEncoder, hear: Callable[[], Tensor]) -> Tensor:
        exact = hear()
        encoder.half()
        return exact

    return _error(model, halve)


def _error(model: EmoTalk, change: Callable[[SpeechEncoder, Callable[[], Tensor]], Tensor]) -> float:
    """Change both encoders; returns the largest error of a blendshape weight after it, infinity where it is no number.

    change: takes an encoder and a function that computes its features of the test sound; changes the encoder and
    returns the features from before the change.
    """
    device = model.blendshape_map.weight.device
    audio = check_sound().to(device)
    normal = model.statistics(audio).apply(audio)[None]

    def content() -> Tensor:
        return model.content_features(normal, None)

    def emotion() -> Tensor:
        return model.emotion_hidden(normal)[0]

    with torch.no_grad():
        before = change(model.content_encoder, content), change(model.emotion_encoder, emotion)
        person = torch.zeros(1, dtype=torch.long, device=device)
        exact, quick = (
            model.fuse_rows(*heard, torch.ones(1, device=device), person) for heard in (before, (content(), emotion()))
        )
    error = float((exact - quick).abs().max())
    return error if error == error else float("inf")


def _layers(encoder: SpeechEncoder) -> list[nn.Module]:
    """The convolutions and transformer layers of an encoder, which have nearly all of its weights."""
    return [*encoder.feature_extractor.conv_layers, *encoder.encoder.layers]


def _without_layers(model: EmoTalk) -> Iterator[nn.Module]:
    """All modules that belong to no layer of an encoder."""
    layers = [*_layers(model.content_encoder), *_layers(model.emotion_encoder)]
    inside = {module for layer in layers for module in layer.modules()}
    return (module for module in model.modules() if module not in inside)
