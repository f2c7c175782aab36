# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network hears: aud's decoding and resampling, held against sound that is known."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from emotalk_blender.blender.sequencer.sound import SoundSource, read_samples
from emotalk_blender.errors import Cancelled, EmoTalkError
from emotalk_blender.inference.progress import quiet

from ..builders import make_movie

SAMPLE_RATE = 16000


def sine(frequency: float, seconds: float, rate: int) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


def heard(path: Path, start: float = 0.0, duration: float = 1000.0) -> np.ndarray:
    return read_samples(SoundSource(path), start, duration, quiet)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("frequency", [100, 1000, 3000, 7000])
def test_a_sine_keeps_its_level_and_its_place(tmp_path: Path, rate: int, frequency: int) -> None:
    if frequency >= rate / 2:
        pytest.skip("above half the rate")
    # Longer than a block, so that a seam is heard too.
    soundfile.write(tmp_path / "a.wav", sine(frequency, 6.5, rate), rate, subtype="FLOAT")
    samples = heard(tmp_path / "a.wav")
    expected = sine(frequency, 6.5, SAMPLE_RATE)
    assert samples.dtype == np.float32
    assert abs(len(samples) - len(expected)) <= 1
    inside = slice(1600, len(expected) - 1600)
    assert np.abs(samples[inside] - expected[inside]).max() < 1e-4  # 74 dB below the sine


@pytest.mark.parametrize("rate", [44100, 48000, 192000])
def test_what_16_khz_cannot_hold_is_silent(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "a.wav", sine(9000, 2, rate), rate, subtype="FLOAT")
    assert np.abs(heard(tmp_path / "a.wav")[1600:-1600]).max() < 1e-4


@pytest.mark.parametrize("channels", [2, 6, 8])
def test_channels_are_mixed_by_their_mean(tmp_path: Path, channels: int) -> None:
    sound = np.stack([sine(200 + 100 * channel, 1, 16000) for channel in range(channels)], axis=1)
    soundfile.write(tmp_path / "a.wav", sound, 16000, subtype="FLOAT")
    np.testing.assert_allclose(heard(tmp_path / "a.wav"), sound.mean(axis=1), atol=1e-6)


@pytest.mark.parametrize("rate", [16000, 44100])
def test_a_part_is_cut_out_of_the_whole(tmp_path: Path, rate: int) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 4 * rate)
    soundfile.write(tmp_path / "a.wav", noise, rate, subtype="FLOAT")
    whole, part = heard(tmp_path / "a.wav"), heard(tmp_path / "a.wav", 1.25, 2.0)
    assert len(part) == 32000
    np.testing.assert_allclose(part[400:-400], whole[20400:51600], atol=1e-3)


def test_the_end_of_the_file_ends_the_part(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", sine(200, 2, 16000), 16000)
    assert len(heard(tmp_path / "a.wav", 1.5, 10.0)) == 8000


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "aiff"])
def test_formats_that_libsndfile_writes(tmp_path: Path, ending: str) -> None:
    sound = burst(44100)
    soundfile.write(tmp_path / f"a.{ending}", sound, 44100)
    assert burst_position(heard(tmp_path / f"a.{ending}")) == pytest.approx(1.0, abs=0.005)


def burst(rate: int) -> np.ndarray:
    """Two seconds of silence with a tone from 1.0 to 1.5 s."""
    sound = np.zeros(2 * rate)
    sound[rate : rate * 3 // 2] = sine(440, 0.5, rate)
    return sound


def burst_position(samples: np.ndarray) -> float:
    return np.flatnonzero(np.abs(samples) > 0.05)[0] / SAMPLE_RATE


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of picture and sound, as a camera writes them."""
    folder = tmp_path_factory.mktemp("movie")
    soundfile.write(folder / "burst.wav", burst(48000), 48000)
    return make_movie(folder / "burst.wav", folder / "movie.mp4", 48)


@pytest.mark.parametrize("ending", ["mp4", "m4a", "mov"])
def test_the_sound_of_movies_and_m4a(movie: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(movie.read_bytes())
    # An AAC encoder begins up to 2048 samples late; Blender plays it so, and the keys must follow what is heard.
    assert burst_position(heard(path)) == pytest.approx(1.0, abs=2048 / 48000 + 0.005)


def test_packed_bytes_are_read_as_the_file_was(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", burst(44100), 44100)
    packed = SoundSource(Path("/nowhere/a.flac"), (tmp_path / "a.flac").read_bytes())
    assert np.array_equal(read_samples(packed, 0.5, 1.0, quiet), heard(tmp_path / "a.flac", 0.5, 1.0))


@pytest.mark.parametrize(
    "content",
    [b"", b"not sound at all", b"RIFF\x24\x00\x00\x00WAVEfmt ", bytes(4096)],
    ids=["empty", "text", "cut", "zeros"],
)
@pytest.mark.parametrize("packed", [False, True], ids=["file", "packed"])
def test_what_is_no_sound_is_refused_in_a_sentence(tmp_path: Path, content: bytes, packed: bool) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(EmoTalkError, match=r"bad\.wav cannot be read as sound"):
        read_samples(SoundSource(path, content if packed else None), 0.0, 1.0, quiet)


def test_a_sound_without_samples_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(0), 16000)
    with pytest.raises(EmoTalkError, match="holds no sound"):
        heard(tmp_path / "a.wav")


def test_a_part_behind_the_end_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", sine(200, 1, 16000), 16000)
    with pytest.raises(EmoTalkError, match="ends before"):
        heard(tmp_path / "a.wav", 1.5, 1.0)


def test_broken_samples_become_silence(tmp_path: Path) -> None:
    sound = sine(200, 2, 44100)
    sound[1000:1100] = np.nan
    sound[2000] = np.inf
    soundfile.write(tmp_path / "a.wav", sound, 44100, subtype="FLOAT")
    samples = heard(tmp_path / "a.wav")
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() > 0.4


def test_reading_can_be_cancelled_and_watched(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(44100 * 12), 44100)
    told: list[float] = []

    def cancel_in_the_second_block(stage: str, part: float) -> None:
        told.append(part)
        if part > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        read_samples(SoundSource(tmp_path / "a.wav"), 0.0, 12.0, cancel_in_the_second_block)
    assert told[0] == 0.0
    assert len(told) == 3


def test_reading_works_in_another_thread(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.ogg", burst(44100), 44100)
    found: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: found.append(heard(tmp_path / "a.ogg"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.array_equal(samples, found[0]) for samples in found)
