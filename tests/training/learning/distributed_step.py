# SPDX-License-Identifier: GPL-3.0-or-later
"""A training run as torchrun starts it, for test_processes: python distributed_step.py CORPUS RUN."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from emotalk_blender.training.learning.processes import join_processes, leave_processes
from emotalk_blender.training.learning.trainer import Run
from tests.training.tiny_corpus import tiny_settings

if __name__ == "__main__":
    torch.set_num_threads(1)
    run = Run(Path(sys.argv[1]), Path(sys.argv[2]), tiny_settings(steps=2, parts=4), processes=join_processes("cpu"))
    run.train(every=1)
    leave_processes()
