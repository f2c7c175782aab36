# SPDX-License-Identifier: GPL-3.0-or-later
"""The port computes what the published network computes, through the import of a file laid out like EmoTalk.pth."""

import numpy as np
import pytest
import torch

from emotalk_blender.network.checkpoint import load_checkpoint
from emotalk_blender.network.direction import direct
from emotalk_blender.network.import_published import import_published

from .published import PARITY, published_state, with_emotion

TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def expected():
    return dict(np.load(PARITY / "parity_2layer.npz"))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    torch.save(published_state(), folder / "EmoTalk.pth")
    import_published(folder / "EmoTalk.pth", folder / "published.safetensors")
    (folder / "EmoTalk.pth").unlink()
    return load_checkpoint(folder / "published.safetensors")[0]


@pytest.fixture(scope="module")
def features(model, expected):
    return model.encode(torch.from_numpy(expected["audio"]))


def difference(tensor, array):
    assert tuple(tensor.shape) == array.shape
    return np.abs(tensor.numpy() - array).max()


def test_encode_gives_the_published_features(model, features, expected):
    assert difference(features.content, expected["content_512"]) < TOLERANCE
    assert difference(model.emotion_map(features.emotion), expected["emotion_832"]) < TOLERANCE
    assert difference(model.emotion_logits(features.emotion), expected["emotion_logits"]) < TOLERANCE


def test_decoder_gives_the_published_hidden_state(model, features, expected):
    captured = []
    handle = model.decoder.register_forward_hook(lambda module, inputs, output: captured.append(output[0]))
    model.decode(features, direct(model.config, None, 1.0, 0))
    handle.remove()
    assert difference(captured[0], expected["decoder_832"]) < TOLERANCE


@pytest.mark.parametrize(("level", "person"), [(1, 0), (0, 7), (1, 23)])
def test_decode_from_voice_gives_the_published_blendshapes(model, features, expected, level, person):
    curves = model.decode(features, direct(model.config, None, intensity=level, person=person))
    assert difference(curves, expected[f"out_level{level}_person{person}"]) < TOLERANCE


@pytest.mark.parametrize("emotion", ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"])
def test_without_prototypes_the_classifier_says_the_chosen_emotion(model, features, emotion):
    from emotalk_blender.network.emotions import MARGIN

    weights = direct(model.config, emotion).emotion.expand(features.frames, -1)
    moved = with_emotion(model, features.emotion, weights)
    logits = model.emotion_logits(moved)
    chosen = logits[model.config.emotions.index(emotion)]
    assert logits.argmax() == model.config.emotions.index(emotion)
    assert chosen - logits.sort().values[-2] > 0.9 * MARGIN
