# SPDX-License-Identifier: GPL-3.0-or-later
"""What the zips bring is enough, and is what the tests run with."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from emotalk_blender.network.int8 import Int8Linear, int8_is_there
from tools.wheels.lean_site import make_lean_site, use_network
from tools.wheels.lock import read_pins
from tools.wheels.use_network import large_session

BROUGHT = {pin.name: pin.version for pin in read_pins("linux-x64", "3.11")}


def test_it_generates_with_the_packages_in_the_zip_and_blenders_numpy_alone(tmp_path: Path) -> None:
    make_lean_site(tmp_path, {*BROUGHT, "torch", "numpy"})
    done = use_network(tmp_path)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == 30


def test_the_large_network_that_is_tried_comes_in_8_bits_where_they_are() -> None:
    network = large_session().network
    assert any(isinstance(module, Int8Linear) for module in network.modules()) == int8_is_there()


def test_the_zip_brings_the_versions_that_the_tests_run_with() -> None:
    installed = {name: version(name).split("+")[0] for name in BROUGHT}
    assert installed == {name: locked.split("+")[0] for name, locked in BROUGHT.items()}
