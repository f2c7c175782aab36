# SPDX-License-Identifier: GPL-3.0-or-later
"""A session hears clips of any length, performs them, reports, and can be stopped."""

import numpy as np
import pytest
import torch

from emotalk_blender.errors import Cancelled, EmoTalkError
from emotalk_blender.inference import session as session_module
from emotalk_blender.inference.over_time import OverTime
from emotalk_blender.inference.performance import EMOTIONS, FROM_STRIP, MIX, Performance
from emotalk_blender.inference.session import load_session
from emotalk_blender.inference.windows import windows
from emotalk_blender.network.direction import direct

from ..network.published import noise


@pytest.fixture(scope="module")
def session(model_file):
    return load_session(model_file, "cpu")


def test_the_session_gives_what_the_network_gives(session):
    samples = noise(2)
    curves = session.perform(session.hear(samples.numpy()), Performance("angry", 0.7, 2))
    network = session.network
    expected = network.decode(network.encode(samples), direct(network.config, "angry", 0.7, 2))
    assert np.allclose(curves.values, expected.numpy(), atol=1e-6)
    assert (curves.fps, curves.start) == (30.0, 0.0)


def test_every_emotion_of_the_interface_can_be_performed(session):
    features = session.hear(noise(1).numpy())
    neutral = session.perform(features, Performance("neutral")).values
    for emotion in EMOTIONS[1:]:
        assert not np.allclose(session.perform(features, Performance(emotion)).values, neutral, atol=1e-3)


def test_a_clip_longer_than_a_window_is_heard_in_parts(session, monkeypatch):
    """Every frame is heard, and hardly differently from the whole clip, away from the network's own sight."""
    samples = noise(12).numpy()
    whole = session.hear(samples)
    monkeypatch.setattr(session_module, "windows", lambda frames, _size: windows(frames, 150, 50))
    parts = session.hear(samples)
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
    monkeypatch.setattr(session_module, "windows", lambda frames, _size: windows(frames, 150, 50))
    features = session.hear(noise(21).numpy())
    assert torch.allclose(features.content[:, 0], torch.arange(630.0), atol=1e-2)


@pytest.mark.parametrize(("room", "stage"), [(300, "short pieces"), (0, "on the CPU")])
def test_where_the_devices_memory_is_full_less_is_tried_and_the_cpu_last(model_file, monkeypatch, room, stage):
    samples = noise(30).numpy()
    expected = load_session(model_file, "cpu").hear(samples)
    session = load_session(model_file, "cpu")
    encode = session.network.encode

    def small_device(audio, statistics, span):
        if len(span) > room:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return encode(audio, statistics, span)

    monkeypatch.setattr(session.network, "encode", small_device)
    stages = []
    heard = session.hear(samples, lambda stage, part: stages.append(stage))
    assert stage in stages[-1]
    assert heard.frames == expected.frames
    assert (heard.content - expected.content).abs().max() < (1e-6 if room == 0 else 1.0)


def test_progress_rises_and_the_report_can_stop_the_work(session):
    seen = []
    session.hear(noise(1).numpy(), lambda stage, part: seen.append((stage, part)))
    listening = [part for stage, part in seen if stage == "Listening"]
    assert listening == sorted(listening)
    assert len(listening) >= 4
    assert all(0 <= part <= 1 for _, part in seen)

    def stop(stage, part):
        if part > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        session.hear(noise(1).numpy(), stop)
    assert session.hear(noise(1).numpy()).frames == 30  # nothing of the stopped run stays behind


def mix(**weights):
    """A mix that does not change."""
    return OverTime(np.array([[weights.get(emotion, 0) for emotion in EMOTIONS]], np.float32), 24.0)


def test_a_mix_of_one_emotion_is_that_emotion_and_of_none_the_voice(session):
    features = session.hear(noise(1).numpy())
    for emotion in EMOTIONS:
        alone = session.perform(features, Performance(emotion, 0.8)).values
        assert np.allclose(session.perform(features, Performance(MIX, 0.8, weights=mix(**{emotion: 1}))).values, alone)
    voice = session.perform(features, Performance()).values
    assert np.array_equal(session.perform(features, Performance(MIX, weights=mix())).values, voice)


def test_weights_beyond_1_are_scaled_down(session):
    features = session.hear(noise(1).numpy())
    half, whole = (
        session.perform(features, Performance(MIX, weights=mix(happy=part, sad=part))).values for part in (0.5, 1.0)
    )
    assert np.allclose(half, whole, atol=1e-5)


def test_intensity_over_time_is_on_each_frame_what_it_is_there(session):
    """Away from the change the face is what constants would give; the decoder looks back for a while."""
    features = session.hear(noise(4).numpy())
    intensity = OverTime(np.repeat([0.2, 1.4], 60).astype(np.float32), 30.0)
    changing = session.perform(features, Performance("happy", intensity)).values
    calm, strong = (session.perform(features, Performance("happy", value)).values for value in (0.2, 1.4))
    assert np.allclose(changing[:45], calm[:45], atol=1e-4)
    assert np.abs(changing[75:] - strong[75:]).mean() < 0.2 * np.abs(calm[75:] - strong[75:]).mean()


@pytest.mark.parametrize(
    "performance",
    [
        Performance("bored"),
        Performance(person=99),
        Performance(intensity=1.6),
        Performance(intensity=OverTime(np.array([1, 1.6, 1], np.float32), 24.0)),
        Performance(intensity=OverTime(np.array([1, np.nan], np.float32), 24.0)),
        Performance(MIX),
        Performance(MIX, weights=OverTime(np.zeros((5, 6), np.float32), 24.0)),
        Performance(MIX, weights=mix(happy=-0.1)),
        Performance(MIX, weights=mix(happy=float("nan"))),
        Performance(FROM_STRIP, borrowed=1.5),
        Performance(FROM_STRIP, borrowed=float("nan")),
    ],
)
def test_what_the_network_has_not_is_refused(session, performance):
    with pytest.raises(EmoTalkError):
        session.perform(session.hear(noise(0.1).numpy()), performance)


def test_intensity_that_is_no_number_is_refused(session):
    with pytest.raises(EmoTalkError, match="Intensity nan"):
        session.perform(session.hear(noise(0.1).numpy()), Performance(intensity=float("nan")))


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_a_device_that_is_not_there_is_refused(model_file):
    with pytest.raises(EmoTalkError, match="cuda"):
        load_session(model_file, "cuda")
