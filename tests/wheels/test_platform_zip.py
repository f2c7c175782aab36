# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip of a platform, made of small made-up wheels, and what is found in zips that would not do."""

from __future__ import annotations

import stat
import tomllib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tools.wheels import fetch
from tools.wheels.lock import Pin
from tools.wheels.targets import PYTHONS, ZIP_KINDS
from tools.zip import extension_zip
from tools.zip.platform_zip import blender_range, build_of, locked_wheels, manifest_with, write_platform_zip
from tools.zip.zip_checks import LONGEST_FOLDER, LONGEST_PATH, PACKAGES_FOLDER, find_problems

from .small_wheels import make_wheel

BOTH = ("lib-1-cp311-cp311-win_amd64.whl", "lib-1-cp313-cp313-win_amd64.whl")


def make_zip(
    folder: Path,
    files: Sequence[str] = BOTH,
    platform: str = "windows-x64",
    pythons: Sequence[str] = PYTHONS,
    requires: Sequence[str] = (),
    more: Mapping[str | zipfile.ZipInfo, str] = {},
) -> Path:
    wheels = [make_wheel(folder, file, requires, more) for file in files]
    return write_platform_zip(folder / "made_up.zip", platform, pythons, wheels)


def manifest_of(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        return tomllib.loads(archive.read("blender_manifest.toml").decode())


def test_the_zip_holds_the_wheels_as_they_are_and_its_manifest_names_them(tmp_path: Path) -> None:
    tracked = extension_zip.MANIFEST.read_bytes()
    path = make_zip(tmp_path, ["pure-1-py3-none-any.whl", *BOTH])
    manifest = manifest_of(path)
    assert manifest["platforms"] == ["windows-x64"]
    assert manifest["wheels"] == sorted(f"./wheels/{file}" for file in ("pure-1-py3-none-any.whl", *BOTH))
    with zipfile.ZipFile(path) as archive:
        for name in manifest["wheels"]:
            entry = archive.getinfo(name.removeprefix("./"))
            assert entry.compress_type == zipfile.ZIP_STORED
            assert archive.read(entry) == (tmp_path / Path(name).name).read_bytes()
    assert extension_zip.MANIFEST.read_bytes() == tracked
    told = tomllib.loads(tracked.decode())
    assert {key: value for key, value in manifest.items() if key not in {"platforms", "wheels"}} == told


def test_the_rest_is_what_the_zip_without_wheels_holds(tmp_path: Path) -> None:
    path = make_zip(tmp_path)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(extension_zip.build_zip()) as plain:
        for name in set(plain.namelist()) - {"blender_manifest.toml"}:
            assert archive.read(name) == plain.read(name)


@pytest.mark.parametrize(
    ("pythons", "versions"),
    [
        (("3.11", "3.13"), {"blender_version_min": "4.5.0"}),
        (("3.11",), {"blender_version_min": "4.5.0", "blender_version_max": "5.1.0"}),
        (("3.13",), {"blender_version_min": "5.1.0"}),
    ],
)
def test_only_blenders_whose_python_it_has_wheels_for_take_it(pythons: Sequence[str], versions: dict[str, str]) -> None:
    assert blender_range(pythons) == versions


def test_values_of_a_manifest_are_added_before_its_tables_and_replaced() -> None:
    text = manifest_with(
        'id = "x"\nleast = "1"\n\n[permissions]\nfiles = "Read"\n', {"least": "2", "wheels": ["a", "b"]}
    )
    told = tomllib.loads(text)
    assert told == {"id": "x", "least": "2", "wheels": ["a", "b"], "permissions": {"files": "Read"}}


@pytest.mark.parametrize(
    ("version", "build"), [("2.1", ""), ("2.1+cpu", ""), ("2.1+cu130", "cuda"), ("2.1+xpu", "xpu")]
)
def test_the_build_of_pytorch_is_told_by_its_version(version: str, build: str) -> None:
    assert build_of({"3.11": Path(f"torch-{version}-cp311-cp311-win_amd64.whl")}) == build


def test_the_light_zip_has_all_but_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    def fetched(pins: Sequence[Pin], _platform: str, python: str) -> list[Path]:
        return [Path(f"{pin.name}-{python}" if pin.name == "torch" else pin.name) for pin in pins]

    monkeypatch.setattr(fetch, "fetch", fetched)
    whole, light = (locked_wheels(ZIP_KINDS["windows-x64"], PYTHONS, with_torch=torch) for torch in (True, False))
    assert set(whole) - set(light) == {Path(f"torch-{python}") for python in PYTHONS}
    assert light == sorted(set(light))


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


ROOM = LONGEST_PATH - len(PACKAGES_FOLDER) - 1
LONG = "lib/" + "x" * (ROOM - 3)
LONG_FOLDER = "lib/" + "x" * (LONGEST_FOLDER - len(PACKAGES_FOLDER) - 4) + "/y"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({link("lib/link"): "lib"}, "lib/link is a symbolic link."),
        ({"../out": ""}, "../out leads out of the folder."),
        ({"lib/A/b": "", "lib/a/c": ""}, "lib/a and lib/A differ in case alone."),
        ({"lib/aux.py": ""}, "lib/aux.py is no name for Windows."),
        ({"lib/a:b": ""}, "lib/a:b is no name for Windows."),
        ({LONG: ""}, f"{LONG} is 1 characters too long for Windows."),
        ({LONG_FOLDER: ""}, f"{LONG_FOLDER} is 1 characters too long for Windows."),
    ],
    ids=["link", "out", "case", "reserved", "colon", "long", "long folder"],
)
def test_a_file_that_would_not_do_on_windows_is_told_of(
    more: Mapping[str | zipfile.ZipInfo, str], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(SystemExit) as told:
        make_zip(tmp_path, more=more)
    assert problem in str(told.value).splitlines()


def test_licences_that_lie_too_deep_for_windows_are_put_into_one_file(tmp_path: Path) -> None:
    deep = [f"lib-1.dist-info/licenses/{'x' * 99}/{name}/LICENSE" for name in ("one", "two")]
    short = "lib-1.dist-info/licenses/LICENSE"
    path = make_zip(tmp_path, BOTH[:1], pythons=["3.11"], more={deep[0]: "First.", deep[1]: "Second.", short: "Own."})
    with zipfile.ZipFile(path) as archive, archive.open(f"wheels/{BOTH[0]}") as file, zipfile.ZipFile(file) as wheel:
        assert wheel.testzip() is None
        together = wheel.read("lib-1.dist-info/licenses/DEEPER_LICENCES.txt").decode()
        record = wheel.read("lib-1.dist-info/RECORD").decode()
        names = set(wheel.namelist())
    assert all(part in together for part in (*deep, "First.", "Second."))
    assert not names & set(deep)
    assert {short, "lib/__init__.py", "lib-1.dist-info/METADATA", "lib-1.dist-info/WHEEL"} < names
    assert "DEEPER_LICENCES.txt,sha256=" in record
    assert not [name for name in deep if name in record]


def test_a_module_in_no_folder_is_recorded_with_what_it_is_compiled_to(tmp_path: Path) -> None:
    # Blender removes what is recorded, and would leave the compiled file behind.
    path = make_zip(tmp_path, ["lib-1-py3-none-any.whl"], more={"lone.py": "", "lib/inner.py": ""})
    with zipfile.ZipFile(path) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".whl"))
        with archive.open(name) as file, zipfile.ZipFile(file) as wheel:
            record = wheel.read("lib-1.dist-info/RECORD").decode().splitlines()
            assert wheel.read("lone.py") == b""
    assert [line for line in record if "__pycache__" in line] == [
        "__pycache__/lone.cpython-311.pyc,,",
        "__pycache__/lone.cpython-313.pyc,,",
    ]


def test_long_names_are_no_matter_elsewhere(tmp_path: Path) -> None:
    files = ["lib-1-cp311-cp311-macosx_11_0_arm64.whl", "lib-1-cp313-cp313-macosx_11_0_universal2.whl"]
    assert find_problems(make_zip(tmp_path, files, "macos-arm64", more={LONG: "", "lib/aux.py": ""})) == []


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        (BOTH[:1], "There is no wheel of lib for Python 3.13."),
        ((*BOTH, "lib-2-py3-none-any.whl"), "There are several wheels of lib for Python 3.11."),
        ((*BOTH, "other-1-cp313-cp313-macosx_11_0_arm64.whl"), "There is no wheel of other for Python 3.11."),
        (
            (*BOTH, "lib-1-cp312-cp312-win_amd64.whl"),
            "wheels/lib-1-cp312-cp312-win_amd64.whl fits no Blender that this zip is for.",
        ),
    ],
    ids=["missing", "twice", "system", "useless"],
)
def test_wheels_that_do_not_fit_are_told_of(files: Sequence[str], problem: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as told:
        make_zip(tmp_path, files)
    assert problem in str(told.value).splitlines()


@pytest.mark.parametrize(
    ("requirement", "told"),
    [
        ("nowhere>=1", "lib asks for nowhere>=1, but the zip has none."),
        ("lib>=2", "lib asks for lib>=2, but the zip has 1."),
        ("numpy", ""),
        ("nowhere; sys_platform == 'linux'", ""),
        ("nowhere; extra == 'more'", ""),
    ],
)
def test_what_a_package_asks_for_is_there_or_knowingly_left_out(requirement: str, told: str, tmp_path: Path) -> None:
    if not told:
        make_zip(tmp_path, requires=[requirement])
        return
    with pytest.raises(SystemExit) as problems:
        make_zip(tmp_path, requires=[requirement])
    assert told in str(problems.value).splitlines()


def test_squeezed_wheels_are_told_of(tmp_path: Path) -> None:
    path = make_zip(tmp_path)
    squeezed = tmp_path / "squeezed.zip"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(squeezed, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            copy.writestr(name, archive.read(name))
    assert f"wheels/{BOTH[0]} is squeezed." in find_problems(squeezed)
