# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes, spans, and what a direction does to a performance."""

import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.network.config import ConfigError, EmoTalkConfig
from emotalk_blender.network.decoder import BLOCK
from emotalk_blender.network.direction import Direction, direct, level_weights
from emotalk_blender.network.encoders import interpolate_rows
from emotalk_blender.network.grid import FrameGrid, FrameRange
from emotalk_blender.network.model import Cut

from .published import noise, tiny_config, tiny_model, with_emotion


@pytest.fixture(scope="module", params=["waveform", "mel"])
def model(request):
    return tiny_model(front_end=request.param, prototypes=request.param == "mel")


@pytest.mark.parametrize("samples", [1, 160, 399, 400, 720, 16000, 16001, 50000])
def test_a_clip_gives_30_frames_a_second(model, samples):
    features = model.encode(noise(4)[:samples])
    curves = model.decode(features, direct(model.config))
    assert curves.shape == (-(-samples * 30 // 16000), 52)
    assert curves.isfinite().all()


@pytest.mark.parametrize("sound", [torch.zeros(8000), torch.full((8000,), 0.3), noise(0.5) * 1e-6])
def test_silence_is_finite(model, sound):
    assert model.decode(model.encode(sound), direct(model.config)).isfinite().all()


def test_a_span_lies_on_the_grid_of_the_whole_clip(model):
    """Front-end rows of a span are those of the whole clip; only what the transformer can see differs."""
    audio = noise(3)
    statistics = model.statistics(audio)
    normal = statistics.apply(audio)[None]
    grid = FrameGrid(len(audio))
    whole = model.content_encoder.rows(normal, statistics.mel_mean)
    positions = [grid.row_at(frame) for frame in range(30, 60)]
    rows, first = model._rows_around(model.content_encoder, normal, statistics.mel_mean, positions, Cut(0, len(audio)))
    inner = slice(2, -2)  # the mel front end's convolutions pad two rows at the cut
    assert torch.allclose(rows[:, inner], whole[:, first : first + rows.shape[1]][:, inner], atol=1e-5)
    assert model.encode(audio, statistics, FrameRange(30, 60)).frames == 30


def test_interpolation_is_linear_with_aligned_corners():
    rows = torch.randn(1, 7, 3)
    grid = torch.arange(11, dtype=torch.float64) * 6 / 10
    expected = torch.nn.functional.interpolate(rows.transpose(1, 2), size=11, mode="linear", align_corners=True)
    assert torch.allclose(interpolate_rows(rows, grid), expected.transpose(1, 2), atol=1e-6)


def test_blocks_of_the_decoder_change_nothing(model):
    """A frame's output depends on its past alone, however long the clip."""
    features = model.encode(noise((BLOCK + 40) / 30))
    short = dataclasses.replace(features, content=features.content[:200], emotion=features.emotion[:200])
    whole = model.decode(features, direct(model.config))
    assert torch.allclose(whole[:200], model.decode(short, direct(model.config)), atol=1e-5)


def test_history_limits_what_the_decoder_sees():
    model = tiny_model(history_frames=20)
    features = model.encode(noise(3))
    changed = dataclasses.replace(features, content=features.content.clone())
    changed.content[:30] += 1
    before, after = (model.decode(part, direct(model.config)) for part in (features, changed))
    assert not torch.allclose(before[:49], after[:49], atol=1e-3)
    assert torch.allclose(before[49:], after[49:], atol=1e-5)


def test_every_input_of_decode_may_vary_per_frame(model):
    features = model.encode(noise(1))
    frames = features.frames
    first, second = direct(model.config, "happy", 1.0, 0), direct(model.config, "sad", 0.5, 2)
    late = torch.arange(frames) >= 15
    varying = Direction(
        torch.where(late[:, None], second.emotion, first.emotion),
        torch.where(late, second.intensity, first.intensity),
        torch.where(late[:, None], second.person, first.person),
    )
    curves = model.decode(features, varying)
    assert torch.allclose(curves[:15], model.decode(features, first)[:15], atol=1e-5)
    assert not torch.allclose(curves[15:], model.decode(features, first)[15:], atol=1e-3)


def test_intensity_0_of_any_chosen_emotion_is_neutral(model):
    features = model.encode(noise(1))
    neutral = model.decode(features, direct(model.config, "neutral", 0.0))
    for emotion in model.config.emotions:
        assert torch.allclose(model.decode(features, direct(model.config, emotion, 0.0)), neutral, atol=1e-5)


def test_with_prototypes_a_chosen_emotion_moves_the_mean_to_its_prototype_and_keeps_the_movement():
    model = tiny_model(front_end="mel", prototypes=True)
    hidden = model.encode(noise(1)).emotion
    weights = direct(model.config, "angry").emotion.expand(len(hidden), -1)
    moved = with_emotion(model, hidden, weights)
    prototype = model.prototypes[model.config.emotions.index("angry")]
    assert torch.allclose(moved.mean(dim=0), prototype, atol=1e-5)
    assert torch.allclose(moved - moved.mean(dim=0), hidden - hidden.mean(dim=0), atol=1e-5)


def test_a_mix_is_the_weighted_sum_of_offsets_and_never_more_than_one_emotion():
    model = tiny_model(front_end="mel", prototypes=True)
    hidden = model.encode(noise(1)).emotion

    def mean_of(**weights):
        row = torch.tensor([float(weights.get(name, 0)) for name in model.config.emotions])
        row = row.expand(len(hidden), -1)
        return with_emotion(model, hidden, row).mean(dim=0)

    happy, sad, voice = mean_of(happy=1), mean_of(sad=1), hidden.mean(dim=0)
    assert torch.allclose(mean_of(happy=0.5, sad=0.5), (happy + sad) / 2, atol=1e-5)
    assert torch.allclose(mean_of(happy=0.25), 0.25 * happy + 0.75 * voice, atol=1e-5)
    assert torch.allclose(mean_of(happy=3, sad=3), (happy + sad) / 2, atol=1e-5)


def test_from_voice_leaves_the_features_alone(model):
    hidden = model.encode(noise(1)).emotion
    weights = direct(model.config).emotion.expand(len(hidden), -1)
    assert torch.equal(with_emotion(model, hidden, weights), hidden)


@given(st.floats(0, 1.5), st.integers(1, 4))
def test_level_weights_sum_to_one_and_meet_the_levels(intensity, levels):
    weights = level_weights(torch.tensor([intensity, 0.0, 1.0]), levels)
    assert torch.allclose(weights.sum(dim=-1), torch.ones(3), atol=1e-6)
    assert weights[1].argmax() == 0
    assert torch.allclose(weights[2], torch.eye(levels)[levels - 1])


def test_a_mix_goes_by_name_and_what_weighs_nothing_need_not_be_known(model):
    happy, none = torch.tensor([0.0, 0.5, 1.0]), torch.zeros(3)
    direction = direct(model.config, {"happy": happy, "bored": none}, torch.tensor([0.0, 1.0, 1.5]), 1)
    assert direction.emotion.shape == (3, len(model.config.emotions))
    assert torch.equal(direction.emotion[:, model.config.emotions.index("happy")], happy)
    assert torch.equal(direction.emotion.sum(dim=1), happy)
    assert direction.intensity.tolist() == [0.0, 1.0, 1.5]
    with pytest.raises(ValueError, match="bored"):
        direct(model.config, {"happy": happy, "bored": happy})


def test_unknown_emotion_or_person_is_refused(model):
    with pytest.raises(ValueError, match="bored"):
        direct(model.config, "bored")
    with pytest.raises(ValueError, match="0 to 2"):
        direct(model.config, None, 1.0, 3)


@given(st.integers(1, 10_000_000))
def test_grid_counts_frames_and_stays_inside_the_rows(samples):
    grid = FrameGrid(samples)
    assert grid.frames == -(-samples * 30 // 16000)
    assert grid.row_at(0) == 0
    assert abs(grid.row_at(grid.frames - 1) - (grid.rows - 1)) < 1e-6 or grid.frames == 1
    assert 0 <= grid.emotion_at(grid.frames - 1) <= grid.emotion_frames - 1


@settings(max_examples=25)
@given(
    st.sampled_from(["waveform", "mel"]),
    st.integers(1, 40),
    st.integers(1, 30),
    st.lists(st.text(min_size=1), min_size=1),
)
def test_config_survives_json(front_end, persons, layers, emotions):
    config = tiny_config(front_end=front_end, persons=persons, emotions=tuple(emotions))
    config = dataclasses.replace(config, content=dataclasses.replace(config.content, layers=layers))
    assert EmoTalkConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"persons": 24', '"persons": 0', "persons"),
        ('"persons": 24', '"persons": "24"', "persons"),
        ('"persons": 24, ', "", "persons"),
        ('"front_end": "waveform"', '"front_end": "smell"', "smell"),
        ('"heads": 16', '"heads": 15', "1024"),
        ('"fps": 30', '"fps": 25', "25"),
        ('"emotions": [', '"emotions": [1, ', "emotions"),
        ('"layers": 24', '"layers": 2400', "2400"),
    ],
)
def test_a_config_that_makes_no_network_is_refused_by_name(old, new, message):
    text = EmoTalkConfig().to_json()
    assert old in text
    with pytest.raises(ConfigError, match=message):
        EmoTalkConfig.from_json(text.replace(old, new))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"content": 3}'])
def test_other_json_is_refused(text):
    with pytest.raises(ConfigError):
        EmoTalkConfig.from_json(text)
