# SPDX-License-Identifier: GPL-3.0-or-later
"""Use the network once in every way that the extension does. Fails where the packages that are there do not suffice.

Run as: python -m tools.wheels.use_network. Prints the frames that the default network performed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from emotalk_blender.curves import SAMPLE_RATE
from emotalk_blender.inference.device import choose_device
from emotalk_blender.inference.performance import Performance
from emotalk_blender.inference.session import Session, load_session

SECOND = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
"""A second of noise."""


def main() -> None:
    """Hear and perform with the default network, then with one that is loaded as large ones are."""
    print(perform(load_session()))
    perform(large_session())


def perform(session: Session) -> int:
    """Let a network perform the noise. Returns the frames."""
    return len(session.perform(session.hear(SECOND), Performance()).values)


def large_session() -> Session:
    """A tiny network of the published kind, in as few bits as this machine has."""
    from emotalk_blender.network import reduced_precision
    from emotalk_blender.network.checkpoint import save_checkpoint
    from emotalk_blender.network.config import EmoTalkConfig, EncoderConfig
    from emotalk_blender.network.model import EmoTalk

    encoder = EncoderConfig(width=32, layers=1, heads=2, feed_forward=48, position_kernel=16, position_groups=2)
    model = EmoTalk(EmoTalkConfig(front_end_width=32, content=encoder, emotion=encoder))
    model.blendshape_map.weight.data *= 0.01  # random weights change little then in fewer bits
    reduced_precision.LARGE = 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.safetensors"
        save_checkpoint(model, file, source="made to be measured", licence="CC0-1.0", dtype="float16")
        device = choose_device("auto")
        loaded = reduced_precision.load_quick(file, device)
        return Session(loaded.model, loaded.info, device, file, loaded.precision)


if __name__ == "__main__":
    main()
