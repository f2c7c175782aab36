# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the features of sounds, so that the same sound need not be heard again."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING

import numpy as np

from ..curves import FloatArray

if TYPE_CHECKING:
    from ..network.model import SpeechFeatures

LIMIT = 256 * 1024 * 1024
"""Bytes of features that are kept: hours of sound with the default weights, about a quarter with the published ones."""


def sound_key(samples: FloatArray) -> bytes:
    """A checksum of the samples, 20 bytes."""
    return hashlib.blake2b(np.ascontiguousarray(samples).data, digest_size=20).digest()


class FeatureCache:
    """Features by a key that says which sound and which model they come from.

    Never holds more than `limit` bytes: what was not asked for the longest goes first, and features that are larger
    than that alone are not kept. Any thread may call it.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, SpeechFeatures] = OrderedDict()

    def get(self, key: Hashable) -> SpeechFeatures | None:
        """The features of this key, None where they were never kept or are gone."""
        with self._lock:
            features = self._kept.get(key)
            if features is not None:
                self._kept.move_to_end(key)
            return features

    def put(self, key: Hashable, features: SpeechFeatures) -> None:
        """Keep features, in place of those of the same key."""
        with self._lock:
            self._kept.pop(key, None)
            if features.bytes > self.limit:
                return
            self._kept[key] = features
            while self._bytes() > self.limit:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._kept.clear()

    @property
    def bytes(self) -> int:
        """Bytes that are kept now."""
        with self._lock:
            return self._bytes()

    def __len__(self) -> int:
        with self._lock:
            return len(self._kept)

    def _bytes(self) -> int:
        return sum(features.bytes for features in self._kept.values())
