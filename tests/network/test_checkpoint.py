# SPDX-License-Identifier: GPL-3.0-or-later
"""Checkpoints load as they were saved, and whatever is no checkpoint is refused in a sentence."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.network.checkpoint import compare_layout, load_checkpoint, read_info, save_checkpoint
from emotalk_blender.network.direction import direct
from emotalk_blender.network.import_published import import_published, renamed

from .. import bad_models
from .published import noise, tiny_config, tiny_model


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "model.safetensors"
    save_checkpoint(tiny_model(), path, source="made in a test", licence="CC0-1.0")
    return path


def is_a_sentence(error):
    text = str(error.value)
    return "\n" not in text and text.endswith(".") and "Traceback" not in text


@pytest.mark.parametrize("front_end", ["waveform", "mel"])
def test_what_is_loaded_performs_as_what_was_saved(tmp_path, front_end):
    model = tiny_model(front_end=front_end, prototypes=True)
    path = tmp_path / "folder" / "model.safetensors"
    save_checkpoint(model, path, source="made in a test", licence="CC0-1.0")
    loaded, info = load_checkpoint(path)
    audio, direction = noise(1), direct(model.config, "sad")
    assert torch.equal(loaded.decode(loaded.encode(audio), direction), model.decode(model.encode(audio), direction))
    assert (info.source, info.licence, info.fps, info.dtype) == ("made in a test", "CC0-1.0", 30, "F32")
    assert info.config == model.config
    assert info.parameters == sum(parameter.numel() for parameter in model.parameters())
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_half_precision_halves_the_file_and_computes_in_float32(tmp_path, saved):
    half = tmp_path / "half.safetensors"
    save_checkpoint(tiny_model(), half, source="", licence="", dtype="float16")
    assert half.stat().st_size < 0.6 * saved.stat().st_size
    model, info = load_checkpoint(half)
    assert info.dtype == "F16"
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_weights_that_half_precision_cannot_hold_are_not_saved(tmp_path):
    model = tiny_model()
    model.content_map.bias[0] = 1e6
    with pytest.raises(EmoTalkError, match=r"content_map\.bias") as error:
        save_checkpoint(model, tmp_path / "half.safetensors", source="", licence="", dtype="float16")
    assert is_a_sentence(error)
    assert not list(tmp_path.iterdir())


def test_missing_file(tmp_path):
    with pytest.raises(EmoTalkError, match="does not exist") as error:
        load_checkpoint(tmp_path / "nothing.safetensors")
    assert is_a_sentence(error)


@pytest.mark.parametrize("part", [0.0, 0.001, 0.1, 0.5, 0.99])
def test_truncated_file(saved, part):
    data = saved.read_bytes()
    saved.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(EmoTalkError, match="readable model file") as error:
        load_checkpoint(saved)
    assert is_a_sentence(error)


def test_another_models_safetensors(tmp_path):
    path = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(EmoTalkError, match="not those of an EmoTalk network") as error:
        load_checkpoint(path)
    assert is_a_sentence(error)


def rewrite(path, change):
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    state = load_file(path)
    change(state, metadata)
    save_file(state, path, metadata)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state, metadata: state.pop("content_map.bias"), r"content_map\.bias is missing"),
        (lambda state, metadata: state.update(extra=torch.zeros(1)), "extra is unknown"),
        (
            lambda state, metadata: state.update({"content_map.bias": torch.zeros(7)}),
            r"content_map\.bias is \[7\], not",
        ),
        (lambda state, metadata: state["content_map.bias"].fill_(float("nan")), r"not numbers \(content_map\.bias\)"),
        (lambda state, metadata: metadata.update(config="{}"), "describes no usable network"),
        (lambda state, metadata: metadata.update(format="other"), "not those of an EmoTalk network"),
    ],
)
def test_a_damaged_checkpoint_is_refused_by_name(saved, change, message):
    rewrite(saved, change)
    with pytest.raises(EmoTalkError, match=message) as error:
        load_checkpoint(saved)
    assert is_a_sentence(error)


def test_info_reads_no_weights(saved):
    info = read_info(saved)
    assert info.config == tiny_config()


@pytest.mark.fault("import-checkpoint of a file that would run code", before="a sentence, as now")
@pytest.mark.parametrize("make", [bad_models.torch_file_that_runs_code, bad_models.pickle_that_runs_code])
def test_import_never_runs_code(tmp_path, monkeypatch, make, record_property):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "good.safetensors")
    with pytest.raises(EmoTalkError) as error:
        import_published(tmp_path / "EmoTalk.pth", tmp_path / "out.safetensors")
    record_property("after", str(error.value))
    assert is_a_sentence(error)
    assert [entry.name for entry in tmp_path.iterdir()] == ["EmoTalk.pth"]


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"hello world", b"\x80\x02}q\x00", b"PK\x03\x04" + bytes(200), bytes(1000)]
)
def test_import_of_other_files_is_refused(tmp_path, content):
    (tmp_path / "EmoTalk.pth").write_bytes(content)
    with pytest.raises(EmoTalkError, match=r"EmoTalk\.pth") as error:
        import_published(tmp_path / "EmoTalk.pth", tmp_path / "out.safetensors")
    assert is_a_sentence(error)
    assert not (tmp_path / "out.safetensors").exists()


@pytest.mark.parametrize("content", [[torch.zeros(1)], {"a": 1}, {}, torch.zeros(2), {1: torch.zeros(1)}])
def test_import_of_other_tables_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "EmoTalk.pth")
    with pytest.raises(EmoTalkError) as error:
        import_published(tmp_path / "EmoTalk.pth", tmp_path / "out.safetensors")
    assert is_a_sentence(error)


def test_import_names_the_first_entries_that_differ(tmp_path):
    torch.save(
        {"audio_feature_map_cont.weight": torch.zeros(2, 2), "surprise": torch.zeros(1)}, tmp_path / "EmoTalk.pth"
    )
    with pytest.raises(EmoTalkError, match=r"is missing.*and \d+ more") as error:
        import_published(tmp_path / "EmoTalk.pth", tmp_path / "out.safetensors")
    assert is_a_sentence(error)
    assert not (tmp_path / "out.safetensors").exists()


def test_import_of_a_truncated_file_is_refused(tmp_path):
    path = tmp_path / "EmoTalk.pth"
    torch.save({"audio_feature_map_cont.weight": torch.zeros(200, 200)}, path)
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(EmoTalkError) as error:
        import_published(path, tmp_path / "out.safetensors")
    assert is_a_sentence(error)


def test_entries_without_a_part_in_the_network_are_left_out():
    names = [
        "audio_encoder_cont.lm_head.weight",
        "audio_encoder_emo.wav2vec2.masked_spec_embed",
        "bs_map_r.bias",
        "odd",
    ]
    assert set(renamed({name: torch.zeros(3) for name in names})) == {"blendshape_map.bias", "odd"}


def test_layout_faults_are_named():
    assert compare_layout({"a": (1,)}, {"a": (1,)}) == ""
    assert compare_layout({"a": (1,), "b": (2,)}, {"a": (2,), "c": (1,)}) == (
        "b is missing, c is unknown, a is [2], not [1]"
    )
