# SPDX-License-Identifier: GPL-3.0-or-later
"""A session hears clips of any length, performs them, reports, and can be stopped."""

import numpy as np
import pytest
import torch

from emotalk_blender.animation.finish import AnimationSettings
from emotalk_blender.errors import Cancelled, EmoTalkError
from emotalk_blender.inference import session as session_module
from emotalk_blender.inference.generate import generate
from emotalk_blender.inference.performance import EMOTIONS, Performance
from emotalk_blender.inference.session import load_session
from emotalk_blender.inference.windows import windows
from emotalk_blender.network.checkpoint import save_checkpoint
from emotalk_blender.network.direction import direct

from ..network.published import noise, tiny_model


@pytest.fixture(scope="module")
def model_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    save_checkpoint(tiny_model(front_end="mel", prototypes=True), path, source="test", licence="CC0-1.0")
    return path


@pytest.fixture(scope="module")
def session(model_file):
    return load_session(model_file, "cpu")


def test_the_session_gives_what_the_network_gives(session):
    samples = noise(2)
    curves = session.perform(session.encode(samples.numpy()), Performance("angry", 0.7, 2))
    network = session.network
    expected = network.decode(network.encode(samples), direct(network.config, "angry", 0.7, 2))
    assert np.allclose(curves.values, expected.numpy(), atol=1e-6)
    assert (curves.fps, curves.start) == (30.0, 0.0)


def test_every_emotion_of_the_interface_can_be_performed(session):
    features = session.encode(noise(1).numpy())
    neutral = session.perform(features, Performance("neutral")).values
    for emotion in EMOTIONS[1:]:
        assert not np.allclose(session.perform(features, Performance(emotion)).values, neutral, atol=1e-3)


def test_a_clip_longer_than_a_window_is_heard_in_parts(session, monkeypatch):
    """Every frame is heard, and hardly differently from the whole clip, away from the network's own sight."""
    samples = noise(12).numpy()
    whole = session.encode(samples)
    monkeypatch.setattr(session_module, "windows", lambda frames: windows(frames, 150, 50))
    parts = session.encode(samples)
    assert parts.content.shape == whole.content.shape
    assert parts.emotion.shape == whole.emotion.shape
    spread = whole.content.std()
    assert (parts.content - whole.content).abs().mean() < 0.1 * spread
    assert parts.content.isfinite().all()


def test_a_constant_feature_survives_the_windows(session, monkeypatch):
    """With the network replaced by a ramp over the clip, the sum of the windows is the ramp: all lie on one grid."""
    from emotalk_blender.network.model import EmoTalk, SpeechFeatures

    def ramp(self, audio, statistics, span):
        rows = torch.arange(span.start, span.stop, dtype=torch.float32)[:, None]
        return SpeechFeatures(rows.repeat(1, self.config.content_features), rows.repeat(1, self.config.emotion.width))

    monkeypatch.setattr(EmoTalk, "encode", ramp)
    monkeypatch.setattr(session_module, "windows", lambda frames: windows(frames, 150, 50))
    features = session.encode(noise(21).numpy())
    assert torch.allclose(features.content[:, 0], torch.arange(630.0), atol=1e-2)


def test_progress_rises_and_the_report_can_stop_the_work(session):
    seen = []
    generate(
        noise(1).numpy(), Performance(), session, AnimationSettings(), lambda stage, part: seen.append((stage, part))
    )
    listening = [part for stage, part in seen if stage == "Listening"]
    assert listening == sorted(listening)
    assert len(listening) >= 4
    assert all(0 <= part <= 1 for _, part in seen)

    def stop(stage, part):
        if part > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        session.encode(noise(1).numpy(), stop)
    assert session.encode(noise(1).numpy()).frames == 30  # nothing of the stopped run stays behind


@pytest.mark.parametrize("performance", [Performance("bored"), Performance(person=99), Performance(intensity=1.6)])
def test_what_the_network_has_not_is_refused(session, performance):
    with pytest.raises(EmoTalkError):
        session.perform(session.encode(noise(0.1).numpy()), performance)


def test_what_the_network_has_not_is_refused_before_the_clip_is_heard(session):
    heard = []
    with pytest.raises(EmoTalkError):
        generate(noise(1).numpy(), Performance("bored"), session, AnimationSettings(), lambda *told: heard.append(told))
    assert heard == []


def test_intensity_that_is_no_number_is_refused(session):
    with pytest.raises(EmoTalkError, match="Intensity nan"):
        session.perform(session.encode(noise(0.1).numpy()), Performance(intensity=float("nan")))


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_a_device_that_is_not_there_is_refused(model_file):
    with pytest.raises(EmoTalkError, match="cuda"):
        load_session(model_file, "cuda")


def test_finished_curves_lie_within_0_and_1(session):
    curves = generate(noise(3).numpy(), Performance("happy", 1.5), session, AnimationSettings())
    assert curves.values.min() >= 0
    assert curves.values.max() <= 1


@pytest.mark.parametrize("samples", [np.zeros(16000, np.float32), np.zeros(1, np.float32), noise(0.01).numpy()])
def test_silence_and_very_short_sound_are_performed(session, samples):
    assert np.isfinite(generate(samples, Performance(), session, AnimationSettings()).values).all()
