# SPDX-License-Identifier: GPL-3.0-or-later
"""A run learns, goes on exactly where it was stopped, and ends in a checkpoint."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.network.checkpoint import load_checkpoint
from emotalk_blender.network.direction import direct
from emotalk_blender.network.model import SpeechFeatures
from emotalk_blender.training.corpus.batches import CorpusReader
from emotalk_blender.training.learning.beginnings import Beginning
from emotalk_blender.training.learning.settings import TrainingSettings, new_settings, read_settings, small_network
from emotalk_blender.training.learning.trainee import directed_rows, heard_rows
from emotalk_blender.training.learning.trainer import Run

from ..tiny_corpus import add_captures, make_corpus, tiny_settings


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus") / "c")


def state(run: Run) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in run.trainee.state_dict().items()}


def log(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_a_few_steps_reduce_the_loss(corpus: Path, tmp_path: Path) -> None:
    run = Run(corpus, tmp_path / "run", tiny_settings(steps=30))
    run.train(every=10)
    losses = [entry["loss"] for entry in log(tmp_path / "run")]
    assert losses[-1] < 0.8 * losses[0]
    assert all("validation_opening" in entry for entry in log(tmp_path / "run"))


def test_a_stopped_run_goes_on_exactly_where_it_was(corpus: Path, tmp_path: Path) -> None:
    whole = Run(corpus, tmp_path / "whole", tiny_settings())
    whole.train()
    Run(corpus, tmp_path / "parts", tiny_settings()).train(until=3)
    resumed = Run(corpus, tmp_path / "parts", read_settings(tmp_path / "parts"))
    assert resumed.step == 3
    resumed.train()
    one, other = state(whole), state(resumed)
    assert all(torch.equal(one[name], other[name]) for name in one)
    average = resumed.averaged.state_dict()
    assert all(torch.equal(value, average[name]) for name, value in whole.averaged.state_dict().items())
    assert [entry["step"] for entry in log(tmp_path / "parts")] == [3, 8]


def test_another_seed_gives_another_network(corpus: Path, tmp_path: Path) -> None:
    first, second = (Run(corpus, tmp_path / str(seed), tiny_settings(seed=seed, steps=1)) for seed in (0, 1))
    assert not torch.equal(first.trainee.phone_head.weight, second.trainee.phone_head.weight)


def test_other_settings_are_refused_in_an_old_folder(corpus: Path, tmp_path: Path) -> None:
    Run(corpus, tmp_path / "run", tiny_settings())
    with pytest.raises(EmoTalkError, match="other settings"):
        Run(corpus, tmp_path / "run", tiny_settings(seed=5))


def test_settings_survive_json() -> None:
    settings = TrainingSettings(seed=3, speakers=("s1", "s2"))
    assert TrainingSettings.from_json(settings.to_json()) == settings
    with pytest.raises(EmoTalkError, match="cannot be read"):
        TrainingSettings.from_json("{}")


def test_the_exported_weights_are_the_averaged_ones_and_load(corpus: Path, tmp_path: Path) -> None:
    run = Run(corpus, tmp_path / "run", tiny_settings(steps=3))
    run.train()
    run.export(tmp_path / "out.safetensors", "made-up sines", "CC0-1.0", dtype="float32")
    model, info = load_checkpoint(tmp_path / "out.safetensors")
    assert info.licence == "CC0-1.0"
    assert info.config == run.settings.network
    assert model.prototypes is not None
    assert torch.equal(model.prototypes, run.averaged.network.prototypes)


def test_a_run_can_begin_with_the_weights_of_another(corpus: Path, tmp_path: Path) -> None:
    first = Run(corpus, tmp_path / "first", tiny_settings(steps=2))
    first.train()
    base = tmp_path / "base.safetensors"
    first.export(base, "made-up sines", "CC0-1.0", dtype="float32")
    second = Run(corpus, tmp_path / "second", tiny_settings(steps=1, seed=5), Beginning(base))
    weights = second.trainee.network.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in first.averaged.network.state_dict().items())
    second.train()
    resumed = Run(corpus, tmp_path / "second", read_settings(tmp_path / "second"))
    assert resumed.step == 1
    with pytest.raises(EmoTalkError, match="name it as base"):
        Run(corpus, tmp_path / "third", resumed.settings)
    with pytest.raises(EmoTalkError, match="another shape"):
        Run(corpus, tmp_path / "fourth", TrainingSettings(), Beginning(base))


def test_training_sets_an_emotion_as_decode_does(corpus: Path, tmp_path: Path) -> None:
    """The trained mechanism and the one behind the panel are the same: one row against one clip."""
    run = Run(corpus, tmp_path / "run", tiny_settings())
    drawn = run.draw(0)[0]
    batch = replace(drawn, mood_audio=drawn.audio)
    row = int(torch.nonzero(batch.is_set)[0])
    network = run.trainee.network.eval()
    with torch.no_grad():
        trained = run.trainee.eval()(batch).curves[row]
        features = network.encode(batch.audio[row])
        emotion = network.config.emotions[int(batch.emotion[row])]
        direction = direct(network.config, emotion, float(batch.intensity[row]), int(batch.person[row]))
        decoded = network.decode(SpeechFeatures(features.content, features.emotion), direction)
    assert torch.allclose(trained, decoded, atol=1e-4)


def test_a_row_is_driven_by_the_emotion_of_its_source(corpus: Path, tmp_path: Path) -> None:
    run = Run(corpus, tmp_path / "run", tiny_settings())
    batch = run.draw(0)[0]
    hidden = torch.randn(len(batch.source), 30, 16)
    rows = directed_rows(run.trainee.network, hidden, batch)
    for row in range(len(rows)):
        if batch.is_set[row]:
            assert not torch.equal(rows[row], hidden[row])
        else:
            assert torch.equal(rows[row], hidden[batch.source[row]])


def test_training_hears_a_clip_as_it_will_be_heard(corpus: Path, tmp_path: Path) -> None:
    """Even while the network computes in bfloat16."""
    run = Run(corpus, tmp_path / "run", tiny_settings())
    network, audio = run.trainee.network, run.draw(0)[0].audio
    with torch.autocast("cpu", torch.bfloat16):
        mels, means = heard_rows(network, audio)
    for row, clip in enumerate(audio):
        statistics = network.statistics(clip)
        assert torch.equal(mels[row], statistics.mels[0])
        assert torch.equal(means[row], statistics.mel_mean[0])


def test_captured_speakers_are_persons_with_names(tmp_path: Path) -> None:
    corpus = add_captures(make_corpus(tmp_path / "c"), {"ann": 2, "ben": 1})
    settings = new_settings(tiny_settings(steps=2), corpus, 1, False)
    assert settings.network.persons == 26
    run = Run(corpus, tmp_path / "run", settings)
    drawn = [run.draw(step)[0] for step in range(40)]
    persons = {int(person) for batch in drawn for person in batch.person[(batch.known < 1).any(dim=1)]}
    assert persons == {0, 24, 25}
    run.train()
    run.export(tmp_path / "out.safetensors", "made-up sines", "CC0-1.0")
    model, info = load_checkpoint(tmp_path / "out.safetensors")
    assert info.person_names == model.person_names == {24: "ann", 25: "ben"}


def test_a_base_without_the_captured_speakers_gives_them_the_plain_person(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "c")
    base = tmp_path / "base.safetensors"
    first = Run(corpus, tmp_path / "first", tiny_settings(steps=1))
    first.train()
    first.export(base, "made-up sines", "CC0-1.0", dtype="float32")
    settings = new_settings(tiny_settings(steps=1), add_captures(corpus, {"ann": 1}), 1, False)
    weight = Run(corpus, tmp_path / "second", settings, Beginning(base)).trainee.network.person_map.weight
    assert torch.equal(weight[:, :24], first.averaged.network.person_map.weight)
    assert torch.equal(weight[:, 24], weight[:, 0])


def test_a_step_in_parts_has_the_mean_of_their_gradients(corpus: Path, tmp_path: Path) -> None:
    run = Run(corpus, tmp_path / "run", tiny_settings(parts=2, steps=1))
    batches = run.draw(0)
    assert len(batches) == 2
    assert not torch.equal(batches[0].audio[0], batches[1].audio[0][: batches[0].audio.shape[1]])
    run.train()
    assert run.step == 1


def test_a_corpus_without_validation_is_refused(tmp_path: Path) -> None:
    folder = make_corpus(tmp_path / "c", clips=2)
    with pytest.raises(EmoTalkError, match="too small"):
        Run(folder, tmp_path / "run", tiny_settings())


def test_crops_line_up_with_their_labels(corpus: Path) -> None:
    """A crop at another speed has sound and labels of the same stretch: silent where its phones are silence."""
    reader = CorpusReader(corpus, "train")
    for speed in (0.9, 1.0, 1.1):
        crop = reader.crop(0, 0.5, 60, speed)
        assert len(crop.audio) == 60 * 16000 // 30
        loud = torch.from_numpy(crop.audio[: 60 * 533]).reshape(60, 533).square().mean(dim=1) > 1e-5
        speaking = torch.from_numpy(crop.labels.phones) > 0
        assert (loud == speaking).float().mean() > 0.9


def test_the_default_network_is_small() -> None:
    from emotalk_blender.network.model import EmoTalk

    with torch.device("meta"):
        parameters = sum(tensor.numel() for tensor in EmoTalk(small_network()).parameters())
    assert parameters * 2 < 20e6
