# SPDX-License-Identifier: GPL-3.0-or-later
"""Several processes learn what one does from the same parts of each step."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.learning.processes import Processes
from emotalk_blender.training.learning.trainer import Run

from ..tiny_corpus import make_corpus, tiny_settings

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = "tests.training.learning.distributed_step"


def test_two_processes_have_the_losses_and_weights_of_one(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "c")
    alone = Run(corpus, tmp_path / "one", tiny_settings(steps=2, parts=4))
    alone.train(every=1)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m"]
    done = subprocess.run([*torchrun, SCRIPT, str(corpus), str(tmp_path / "two")], cwd=ROOT, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    one, two = (
        [json.loads(line) for line in (tmp_path / name / "log.jsonl").read_text().splitlines()]
        for name in ("one", "two")
    )
    assert [entry["step"] for entry in two] == [1, 2]
    for ours, theirs in zip(one, two, strict=True):
        for name in set(ours) - {"seconds_per_step"}:
            assert theirs[name] == pytest.approx(ours[name], abs=2e-3), name
    weights = torch.load(tmp_path / "two" / "state.pt", weights_only=True)["module"]
    for name, value in alone.trainee.state_dict().items():
        assert torch.allclose(weights[name], value, atol=1e-5), name


def test_parts_are_shared_evenly_or_not_at_all() -> None:
    shares = [list(Processes(torch.device("cpu"), rank, 2).share(6)) for rank in (0, 1)]
    assert sorted(shares[0] + shares[1]) == list(range(6))
    with pytest.raises(EmoTalkError, match="cannot share"):
        Processes(torch.device("cpu"), 0, 4).share(6)
