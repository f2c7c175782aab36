# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a sound file holds becomes mono 16 kHz, or one clear sentence."""

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference.audio import Recording, check_samples, read_sound, to_network_samples


def sine(frequency, seconds, rate, amplitude=0.5):
    return (amplitude * np.sin(2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


FORMATS = [
    ("wav", "WAV", None),
    ("flac", "FLAC", None),
    ("ogg", "OGG", "VORBIS"),
    ("opus", "OGG", "OPUS"),
    ("mp3", "MP3", None),
    ("aiff", "AIFF", None),
]


@pytest.mark.parametrize(("ending", "kind", "subtype"), FORMATS)
def test_every_promised_format_is_read(tmp_path, ending, kind, subtype):
    path = tmp_path / f"tone.{ending}"
    soundfile.write(path, np.stack([sine(440, 1, 48000)] * 2, axis=1), 48000, format=kind, subtype=subtype)
    samples = to_network_samples(read_sound(path))
    assert samples.dtype == np.float32
    assert abs(len(samples) - 16000) < 1000  # mp3 pads its frames
    middle = samples[4000:12000]
    assert np.argmax(np.abs(np.fft.rfft(middle))) == pytest.approx(440 * len(middle) / 16000, abs=1)
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 96000, 192000])
def test_resampling_keeps_level_time_and_pitch(rate):
    samples = to_network_samples(Recording(sine(1000, 0.5, rate), rate))
    assert len(samples) == pytest.approx(8000, abs=1)
    inner = slice(400, 7600)
    assert np.allclose(samples[inner], sine(1000, 0.5, 16000)[inner], atol=2e-3)


def test_what_16_khz_cannot_hold_is_removed_not_folded_back():
    samples = to_network_samples(Recording(sine(11000, 0.5, 48000), 48000))
    assert np.abs(samples[400:-400]).max() < 1e-3


def test_eight_channels_are_mixed_by_their_mean(tmp_path):
    channels = np.zeros((16000, 8), np.float32)
    channels[:, 5] = sine(300, 1, 16000, 0.8)
    soundfile.write(tmp_path / "surround.wav", channels, 16000, subtype="FLOAT")
    samples = to_network_samples(read_sound(tmp_path / "surround.wav"))
    assert np.allclose(samples, channels[:, 5] / 8, atol=1e-6)


def test_ten_milliseconds_are_enough():
    for rate in (8000, 16000, 192000):
        assert len(to_network_samples(Recording(sine(300, 0.01, rate), rate))) == pytest.approx(160, abs=1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.wav", None, "does not exist"),
        ("empty.wav", b"", "cannot be read as sound"),
        ("text.mp3", b"this is no sound at all", "cannot be read as sound"),
        ("cut.wav", b"RIFF\x24\x00\x00\x00WAVEfmt ", "cannot be read as sound"),
    ],
)
def test_what_is_no_sound_is_refused_in_a_sentence(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(EmoTalkError, match=message) as error:
        read_sound(tmp_path / name)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


def test_a_folder_and_a_file_without_samples_are_refused(tmp_path):
    with pytest.raises(EmoTalkError, match="is a folder"):
        read_sound(tmp_path)
    soundfile.write(tmp_path / "none.wav", np.zeros(0, np.float32), 16000)
    with pytest.raises(EmoTalkError, match="holds no sound"):
        read_sound(tmp_path / "none.wav")


@given(
    st.lists(st.floats(width=32), min_size=1, max_size=50).filter(lambda samples: np.isfinite(samples).any()),
)
def test_any_samples_with_a_number_among_them_become_safe(samples):
    checked = check_samples(np.array(samples, np.float32))
    assert len(checked) == len(samples)
    assert np.isfinite(checked).all()
    assert np.abs(checked).max() <= 1


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.full(5, np.nan, np.float32)])
def test_no_sample_and_no_number_are_refused(samples):
    with pytest.raises(EmoTalkError):
        check_samples(samples)


def test_good_samples_stay_as_they_are():
    samples = sine(200, 0.1, 16000)
    assert np.array_equal(check_samples(samples), samples)
