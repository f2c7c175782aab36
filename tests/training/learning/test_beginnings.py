# SPDX-License-Identifier: GPL-3.0-or-later
"""Training begins with wav2vec 2.0 encoders as transformers saves them, and leaves their convolutions alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.network.checkpoint import load_checkpoint
from emotalk_blender.network.model import EmoTalk
from emotalk_blender.training.__main__ import main
from emotalk_blender.training.learning.beginnings import Beginning, fill_encoder, read_config
from emotalk_blender.training.learning.settings import TrainingSettings, read_settings
from emotalk_blender.training.learning.trainer import Run

from ..tiny_corpus import make_corpus, tiny_settings

transformers = pytest.importorskip("transformers")


def saved_encoder(folder: Path, seed: int = 0, head: str = "Wav2Vec2Model", **changes: object) -> Path:
    """A tiny wav2vec 2.0 of the large kind, saved by transformers."""
    torch.manual_seed(seed)
    config = transformers.Wav2Vec2Config(
        **{
            "hidden_size": 24,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 40,
            "num_conv_pos_embeddings": 16,
            "num_conv_pos_embedding_groups": 2,
            "conv_dim": (12,) * 7,
            "do_stable_layer_norm": True,
            "feat_extract_norm": "layer",
            "conv_bias": True,
            "vocab_size": 10,
            **changes,
        }
    )
    getattr(transformers, head)(config).eval().save_pretrained(folder)
    return folder


def waveform_settings(**changes: object) -> TrainingSettings:
    settings = tiny_settings(**changes)
    return replace(settings, network=replace(settings.network, front_end="waveform"))


@pytest.mark.parametrize("head", ["Wav2Vec2Model", "Wav2Vec2ForCTC"])
def test_the_encoder_hears_what_it_heard_in_transformers(tmp_path: Path, head: str) -> None:
    folder = saved_encoder(tmp_path / "encoder", head=head)
    settings = Beginning(content_from=folder).noted_in(waveform_settings())
    encoder = EmoTalk(settings.network).content_encoder.eval()
    fill_encoder(encoder, folder)
    sound = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 16000)).astype(np.float32))
    theirs = transformers.Wav2Vec2Model.from_pretrained(folder).eval()
    with torch.no_grad():
        assert torch.allclose(encoder.transform(encoder.rows(sound)), theirs(sound).last_hidden_state, atol=1e-4)


def test_a_run_begins_with_both_and_keeps_their_convolutions(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "c", seconds=1.5)
    beginning = Beginning(
        content_from=saved_encoder(tmp_path / "content"),
        emotion_from=saved_encoder(tmp_path / "emotion", 1, hidden_size=16, num_hidden_layers=1),
    )
    run = Run(corpus, tmp_path / "run", waveform_settings(steps=2, frames=20), beginning)
    network = run.trainee.network
    assert network.config.content.width == 24
    assert network.config.emotion.layers == 1
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert not torch.equal(
        before["content_encoder.feature_extractor.conv_layers.0.conv.weight"],
        before["emotion_encoder.feature_extractor.conv_layers.0.conv.weight"],
    )
    run.train()
    for name, value in network.state_dict().items():
        if "feature_extractor" in name:
            assert torch.equal(value, before[name]), name
    changed = "content_encoder.encoder.layers.0.attention.k_proj.weight"
    assert not torch.equal(network.state_dict()[changed], before[changed])

    resumed = Run(corpus, tmp_path / "run", read_settings(tmp_path / "run"))
    assert resumed.step == 2
    assert not any(
        weight.requires_grad for weight in resumed.trainee.network.content_encoder.feature_extractor.parameters()
    )
    run.export(tmp_path / "out.safetensors", "made-up sines", "CC0-1.0")
    assert load_checkpoint(tmp_path / "out.safetensors")[1].config == network.config


def test_the_command_begins_with_an_encoder_and_goes_on_without_naming_it(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "c", seconds=1.5)
    settings = tmp_path / "settings.json"
    settings.write_text(waveform_settings(steps=1, frames=20).to_json(), encoding="utf-8")
    command = ["train", "--corpus", str(corpus), "--out", str(tmp_path / "run")]
    encoder = str(saved_encoder(tmp_path / "encoder"))
    both = ["--content-from", encoder, "--emotion-from", encoder]
    assert main([*command, "--settings", str(settings), *both]) == 0
    assert main([*command, *both]) == 0
    assert main(command) == 0
    kept = read_settings(tmp_path / "run")
    assert kept.content_from == kept.emotion_from != ""


def test_settings_that_begin_with_an_encoder_ask_for_it(tmp_path: Path) -> None:
    settings = Beginning(content_from=saved_encoder(tmp_path / "encoder")).noted_in(waveform_settings())
    with pytest.raises(EmoTalkError, match="--content-from"):
        Run(make_corpus(tmp_path / "c"), tmp_path / "run", settings)


def test_other_folders_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EmoTalkError, match="holds no encoder"):
        read_config(tmp_path)
    small = saved_encoder(tmp_path / "small", do_stable_layer_norm=False, feat_extract_norm="group", conv_bias=False)
    with pytest.raises(EmoTalkError, match="small wav2vec"):
        read_config(small)
    damaged = saved_encoder(tmp_path / "damaged")
    (damaged / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(EmoTalkError, match="cannot be read"):
        read_config(damaged)
    other = saved_encoder(tmp_path / "other")
    values = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**values, "model_type": "hubert"}), encoding="utf-8")
    with pytest.raises(EmoTalkError, match="holds a hubert"):
        read_config(other)
    broken = saved_encoder(tmp_path / "broken")
    encoder = EmoTalk(Beginning(content_from=broken).noted_in(waveform_settings()).network).content_encoder
    next(broken.glob("*.safetensors")).write_bytes(b"no weights")
    with pytest.raises(EmoTalkError, match="weights in"):
        fill_encoder(encoder, broken)
    wider = Beginning(
        content_from=saved_encoder(tmp_path / "one"), emotion_from=saved_encoder(tmp_path / "two", conv_dim=(8,) * 7)
    )
    with pytest.raises(EmoTalkError, match="not as wide"):
        wider.noted_in(waveform_settings())
