# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech features are kept under the sound, the model and the precision they are of, up to a limit of memory."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.inference.features import FeatureCache, sound_key
from emotalk_blender.network.model import SpeechFeatures


def features(frames: int) -> SpeechFeatures:
    """Of 100 bytes a frame."""
    return SpeechFeatures(torch.zeros(frames, 20), torch.zeros(frames, 5))


def test_what_was_put_in_comes_out_itself():
    cache, heard = FeatureCache(), features(3)
    cache.put("a", heard)
    assert cache.get("a") is heard
    assert cache.get("b") is None
    assert cache.bytes == heard.bytes == 300


def test_the_one_not_asked_for_the_longest_goes_first():
    cache = FeatureCache(limit=1000)
    for key in "abc":
        cache.put(key, features(3))
    assert cache.get("a") is not None
    cache.put("d", features(3))
    assert [key for key in "abcd" if cache.get(key) is not None] == ["a", "c", "d"]


def test_what_is_larger_than_all_room_is_not_kept_and_drives_nothing_out():
    cache = FeatureCache(limit=1000)
    cache.put("a", features(10))
    cache.put("b", features(11))
    assert cache.get("a") is not None
    assert cache.get("b") is None
    cache.put("a", features(11))
    assert len(cache) == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12))))
def test_the_bytes_stay_within_their_bound(puts):
    cache = FeatureCache(limit=1000)
    for key, frames in puts:
        cache.put(key, features(frames))
        assert cache.bytes <= 1000
        assert (cache.get(key) is not None) == (frames <= 10)


def test_many_threads_may_use_it():
    cache = FeatureCache(limit=2000)

    def work(seed: int) -> bool:
        for key in np.random.default_rng(seed).integers(0, 8, 300).tolist():
            cache.put(key, features(key + 1))
            found = cache.get(key)
            if found is not None and found.frames != key + 1:
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4)))
    assert cache.bytes <= 2000


def test_another_sound_has_another_key():
    sound = np.linspace(-1, 1, 1000, dtype=np.float32)
    other = sound.copy()
    other[500] = np.nextafter(other[500], np.float32(2))
    assert sound_key(sound) == sound_key(sound.copy()) == sound_key(np.repeat(sound, 2)[::2])
    assert len({sound_key(part) for part in (sound, other, sound[:-1], sound[:0])}) == 4
