# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever EmoTalk.pth holds instead of the published weights, its import says so, and soon."""

import subprocess
import sys

import pytest
import torch

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.network.import_published import import_published, read_state_dict
from tools.environment import ROOT

from .. import bad_models

IMPORT = """
import resource, sys
from emotalk_blender.inference.__main__ import main
from emotalk_blender.network import import_published

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
code = main(["import-checkpoint", sys.argv[1], "-o", sys.argv[2]])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
sys.exit(code)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux does")
@pytest.mark.fault("import-checkpoint of a zip bomb", before="a sentence, after 1.7 times its unpacked size in memory")
def test_a_zip_bomb_is_not_unpacked(tmp_path, record_property):
    bomb = bad_models.zip_bomb(tmp_path / "good.safetensors")
    command = [sys.executable, "-c", IMPORT, str(bomb), str(tmp_path / "out.safetensors")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    told = done.stderr.splitlines()[-1]
    record_property("after", f"{told} ({done.stdout.strip()} MiB)")
    assert done.returncode == 1
    assert "would unpack to 0.1 GB" in told
    assert int(done.stdout) < 50
    assert not (tmp_path / "out.safetensors").exists()


def odd(tensor, what, before):
    return pytest.param(tensor, marks=pytest.mark.fault(f"import-checkpoint of {what}", before=before), id=what)


@pytest.mark.parametrize(
    "tensor",
    [
        odd(torch.empty(3, device="meta"), "weights without numbers", "a traceback: NotImplementedError"),
        odd(torch.ones(3).to_sparse(), "sparse weights", "a traceback: RuntimeError"),
        odd(torch.ones(3, dtype=torch.complex64), "complex weights", "half of each number was dropped"),
    ],
)
def test_tensors_that_are_no_weights_are_refused(tmp_path, tensor, record_property):
    torch.save({"audio_feature_map_cont.bias": tensor}, tmp_path / "EmoTalk.pth")
    with pytest.raises(EmoTalkError, match="holds other things than weights") as error:
        import_published(tmp_path / "EmoTalk.pth", tmp_path / "out.safetensors")
    record_property("after", str(error.value))


@pytest.mark.fault("import-checkpoint of two weights in one place", before="a traceback: RuntimeError of safetensors")
def test_weights_that_share_memory_become_two(tmp_path, record_property):
    shared = torch.ones(3)
    torch.save({"one": shared, "other": shared}, tmp_path / "EmoTalk.pth")
    state = read_state_dict(tmp_path / "EmoTalk.pth")
    record_property("after", "works: each is written by itself")
    assert state["one"].data_ptr() != state["other"].data_ptr()
    assert torch.equal(state["one"], state["other"])
