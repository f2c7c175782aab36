# SPDX-License-Identifier: GPL-3.0-or-later
"""Large networks in fewer bits: close to float32, or float32 itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.network import reduced_precision
from emotalk_blender.network.checkpoint import load_checkpoint, map_checkpoint, save_checkpoint
from emotalk_blender.network.config import EncoderConfig
from emotalk_blender.network.direction import direct
from emotalk_blender.network.int8 import INPUT_LIMIT, OPERATORS, Int8Linear, int8_is_there, whole_numbers
from emotalk_blender.network.model import EmoTalk

from .published import noise, tiny_model

CPU = torch.device("cpu")
ENCODER = EncoderConfig(width=128, layers=2, heads=2, feed_forward=256, position_kernel=16, position_groups=2)

needs_int8 = pytest.mark.skipif(not int8_is_there(), reason="8-bit products want an x86 processor")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = tiny_model(content=ENCODER, emotion=ENCODER)
    model.blendshape_map.weight *= 0.05
    path = tmp_path_factory.mktemp("quick") / "model.safetensors"
    save_checkpoint(model, path, source="made in a test", licence="CC0-1.0", dtype="float16")
    return path


@pytest.fixture(autouse=True)
def every_network_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reduced_precision, "LARGE", 0)


def curves_of(model: EmoTalk) -> torch.Tensor:
    return model.decode(model.encode(noise(3)), direct(model.config))


def is_int8(model: EmoTalk) -> bool:
    return any(isinstance(module, Int8Linear) for module in model.modules())


@needs_int8
def test_8_bits_perform_nearly_the_same(checkpoint: Path) -> None:
    model, _, precision = reduced_precision.load_quick(checkpoint, CPU)
    assert precision == "8-bit integers"
    exact, _ = load_checkpoint(checkpoint)
    assert is_int8(model)
    assert 0 < (curves_of(model) - curves_of(exact)).abs().max() < 2 * reduced_precision.BOUND


@needs_int8
def test_a_network_that_8_bits_change_too_much_stays_in_float32(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reduced_precision, "BOUND", 1e-9)
    model, _, precision = reduced_precision.load_quick(checkpoint, CPU)
    assert precision == "float32, as 8-bit integers would change this network too much"
    assert not is_int8(model)
    assert torch.allclose(curves_of(model), curves_of(load_checkpoint(checkpoint)[0]), atol=1e-5)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("error", [RuntimeError("Expected at most 12 argument(s)\nbut received 13"), TypeError("no")])
def test_a_pytorch_whose_products_take_something_else_computes_in_float32(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, operator: str, error: Exception
) -> None:
    def changed(*_: object) -> None:
        raise error

    monkeypatch.setattr(reduced_precision, "int8_is_there", lambda: True)
    monkeypatch.setattr(torch.ops.onednn, operator, changed, raising=False)
    model, _, precision = reduced_precision.load_quick(checkpoint, CPU)
    first_line = str(error).partition("\n")[0]
    assert precision == f"float32, as 8-bit integers failed ({type(error).__name__}: {first_line})"
    assert precision in caplog.text
    assert not is_int8(model)
    assert torch.allclose(curves_of(model), curves_of(load_checkpoint(checkpoint)[0]), atol=1e-5)


def test_exact_is_float32(checkpoint: Path) -> None:
    model, _, precision = reduced_precision.load_quick(checkpoint, CPU, exact=True)
    assert precision == "float32"
    assert not is_int8(model)
    assert torch.allclose(curves_of(model), curves_of(load_checkpoint(checkpoint)[0]), atol=1e-5)


def test_a_small_network_is_not_changed(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reduced_precision, "LARGE", 50_000_000)
    assert not is_int8(reduced_precision.load_quick(checkpoint, CPU)[0])


def test_float16_performs_nearly_the_same(checkpoint: Path) -> None:
    """What a CUDA device does with it, computed here."""
    model, _ = map_checkpoint(checkpoint)
    error = reduced_precision.to_float16(model, checkpoint, CPU)
    assert 0 < error < reduced_precision.BOUND
    assert model.content_encoder.dtype == torch.float16
    assert (curves_of(model) - curves_of(load_checkpoint(checkpoint)[0])).abs().max() < reduced_precision.BOUND


def test_weights_that_are_not_numbers_are_found_in_any_layer(tmp_path: Path) -> None:
    for name in ("content_encoder.encoder.layers.0.feed_forward.output_dense.bias", "level_map.weight"):
        model = tiny_model()
        model.state_dict()[name].flatten()[0] = float("nan")
        path = tmp_path / "broken.safetensors"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "emotalk_blender.network.checkpoint.torch.isfinite", lambda tensor: torch.ones_like(tensor).bool()
            )
            save_checkpoint(model, path, source="made in a test", licence="CC0-1.0")
        with pytest.raises(EmoTalkError, match="not numbers"):
            reduced_precision.load_quick(path, CPU)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e4])
def test_whole_numbers_stand_for_what_they_were_made_of(scale: float) -> None:
    inputs = torch.randn(50, 40, generator=torch.Generator().manual_seed(1)) * scale
    whole = whole_numbers(inputs)
    again = (whole.values.float() - whole.zero) * whole.scale
    assert (again - inputs).abs().max() <= 0.51 * whole.scale
    assert whole.scale <= (inputs.max() - inputs.min()) / INPUT_LIMIT * 1.001


@needs_int8
@pytest.mark.parametrize("inputs", [torch.zeros(3, 8), torch.full((3, 8), 5.0), -torch.ones(3, 8)])
def test_no_sum_is_cut_where_all_inputs_are_as_large_as_they_can_be(inputs: torch.Tensor) -> None:
    linear = torch.nn.Linear(8, 4)
    expected = linear(inputs)
    assert torch.allclose(Int8Linear(linear.weight, linear.bias)(inputs), expected, atol=0.02 * 5)


@pytest.fixture(autouse=True)
def no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield
