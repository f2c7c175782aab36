# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may know whom: the rooms of the package, read from the import statements themselves."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "emotalk_blender"
SOURCES = sorted(PACKAGE.rglob("*.py"))
PROJECT_FILES = sorted(
    [
        ROOT / "build.py",
        *(file for folder in ("emotalk_blender", "tests", "tools", "docs") for file in (ROOT / folder).rglob("*.py")),
    ]
)

# Rooms of the package that each room may import, beside itself and the plain modules (curves, errors, ...).
ROOMS = {
    "": {"blender", "files"},
    "api": {"blender", "inference"},
    "files": set(),
    "animation": set(),
    "rig": {"files"},
    "network": {"files"},
    "inference": {"network", "animation", "files"},
    "training": {"network", "inference", "animation", "rig", "files"},
    "blender": {"inference", "network", "animation", "rig", "files"},
}

# Rooms within a room: each may import those before it. What lies beside them ("") comes first, but for the file that
# puts the whole room together, __init__.py or __main__.py.
ORDER = {
    "blender": ("", "sequencer", "face", "bake", "generate", "demo_face", "ui"),
    "training": ("", "rules", "speech", "captures", "corpus", "evaluation", "learning"),
}

# Files of blender/ that compute and never ask Blender: they stay so.
WITHOUT_BPY = {
    "bake/artist_blinks.py",
    "bake/bake_record.py",
    "bake/bake_record_format.py",
    "bake/move_keys.py",
    "demo_face/ears.py",
    "demo_face/eye_keys.py",
    "demo_face/eyes.py",
    "demo_face/fields.py",
    "demo_face/hair.py",
    "demo_face/jumper.py",
    "demo_face/keys.py",
    "demo_face/mouth.py",
    "demo_face/mouth_keys.py",
    "demo_face/outline.py",
    "demo_face/part.py",
    "demo_face/skin_keys.py",
    "demo_face/surface.py",
    "demo_face/topology.py",
    "face/naming.py",
    "face/track.py",
    "face/user_presets.py",
    "logs.py",
    "sequencer/stretch.py",
}

# Packages from outside that each room may import while it is being imported; inside functions more is allowed.
BLENDER = {"aud", "blf", "bl_operators", "bl_ui", "bmesh", "bpy", "bpy_extras", "gpu", "mathutils"}
HEAVY = {"torch", "transformers"}
ALWAYS = set(sys.stdlib_module_names) | {"numpy"}


@dataclass(frozen=True)
class Import:
    """One imported module: a path inside the package ("network.model") or the name of a package outside it."""

    file: Path
    line: int
    module: str
    inside: bool
    at_module_level: bool

    @property
    def top(self) -> str:
        """The room, or the outside package."""
        return self.module.split(".")[0]

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"


def room(file: Path) -> str:
    """The folder of the package that the file lies in, "" for the package's own modules; api.py is a room by itself."""
    parts = file.relative_to(PACKAGE).parts
    if parts == ("api.py",):
        return "api"
    return parts[0] if len(parts) > 1 else ""


def imports(file: Path) -> Iterator[Import]:
    """Every import of the file, but for those that only the type checker sees."""
    yield from _imports(file, ast.parse(file.read_text(encoding="utf-8")).body, at_module_level=True)


def _imports(file: Path, body: list[ast.stmt], at_module_level: bool) -> Iterator[Import]:
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for module, inside in _modules(file, node):
                yield Import(file, node.lineno, module, inside, at_module_level)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        in_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for field in ("body", "orelse", "finalbody"):
            yield from _imports(file, getattr(node, field, []), at_module_level and not in_function)
        for handler in getattr(node, "handlers", []):
            yield from _imports(file, handler.body, at_module_level)


def _modules(file: Path, node: ast.Import | ast.ImportFrom) -> list[tuple[str, bool]]:
    if isinstance(node, ast.Import):
        return [(alias.name, False) for alias in node.names]
    if node.level == 0:
        return [(node.module or "", False)]
    package = file.relative_to(PACKAGE).parent.parts
    base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
    return [(".".join(filter(None, [*base, alias.name])), True) for alias in node.names]


ALL_IMPORTS = [found for file in SOURCES for found in imports(file)]


def file_of(module: str) -> Path:
    """The file that holds a module of the package; for a name inside a module, that module's."""
    path = PACKAGE.joinpath(*module.split("."))
    if path.with_suffix(".py").is_file():
        return path.with_suffix(".py")
    if (path / "__init__.py").is_file():
        return path / "__init__.py"
    return file_of(module.rpartition(".")[0])


def inner_room(file: Path) -> str:
    """The folder within a room that the file lies in, "" where it lies beside them."""
    parts = file.relative_to(PACKAGE).parts
    return parts[1] if len(parts) > 2 else ""


KNOWN = {file: {file_of(found.module) for found in imports(file) if found.inside} - {file} for file in SOURCES}
"""The files of the package that each file imports, now or later."""


def circles() -> list[str]:
    """Files that import each other in a circle, each circle as a line."""
    found: list[str] = []
    finished: set[Path] = set()

    def walk(file: Path, way: list[Path]) -> None:
        if file in way:
            circle = way[way.index(file) :]
            found.append(" -> ".join(str(step.relative_to(PACKAGE)) for step in [*circle, file]))
        elif file not in finished:
            for other in sorted(KNOWN[file]):
                walk(other, [*way, file])
            finished.add(file)

    for file in SOURCES:
        walk(file, [])
    return found


def test_imports_are_seen_in_every_room() -> None:
    assert {room(found.file) for found in ALL_IMPORTS} == set(ROOMS)
    assert any(found.inside and found.module.startswith("curves") for found in ALL_IMPORTS)
    assert any(not found.at_module_level for found in ALL_IMPORTS)


def test_each_room_imports_only_the_rooms_it_may_know() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    strangers = [
        str(found)
        for found in ALL_IMPORTS
        if found.inside and found.top in rooms and found.top not in ROOMS[room(found.file)] | {room(found.file)}
    ]
    assert strangers == []


def test_no_files_import_each_other_in_a_circle() -> None:
    assert circles() == []


@pytest.mark.parametrize("name", ORDER)
def test_rooms_within_a_room_import_downwards_only(name: str) -> None:
    order, whole = ORDER[name], {PACKAGE / name / "__init__.py", PACKAGE / name / "__main__.py"}
    upwards = [
        f"{file.relative_to(PACKAGE)} imports {other.relative_to(PACKAGE)}"
        for file, known in KNOWN.items()
        for other in known
        if room(file) == room(other) == name and file not in whole
        if order.index(inner_room(other)) > order.index(inner_room(file))
    ]
    assert upwards == []


def test_every_room_within_a_room_has_its_place() -> None:
    for name, order in ORDER.items():
        inner = {path.name for path in (PACKAGE / name).iterdir() if (path / "__init__.py").is_file()}
        assert inner == set(order) - {""}


def test_the_demo_face_and_its_neighbours_do_not_know_each_other() -> None:
    strangers = [
        f"{file.relative_to(PACKAGE)} imports {other.relative_to(PACKAGE)}"
        for file, known in KNOWN.items()
        for other in known
        if room(file) == room(other) == "blender" and inner_room(file) != inner_room(other)
        if (inner_room(file) == "demo_face" and inner_room(other) != "")
        or (inner_room(other) == "demo_face" and inner_room(file) != "ui")
    ]
    assert strangers == []


@pytest.mark.parametrize("name", sorted(WITHOUT_BPY))
def test_plain_computing_never_asks_blender(name: str) -> None:
    assert {found.top for found in imports(PACKAGE / "blender" / name)}.isdisjoint(BLENDER)


def test_only_the_blender_room_imports_blender() -> None:
    # register() of the package itself and the functions for scripts may look at bpy, but only once they are called.
    strangers = [
        str(found)
        for found in ALL_IMPORTS
        if found.top in BLENDER and not found.inside and room(found.file) != "blender"
        if room(found.file) not in {"", "api"} or found.at_module_level
    ]
    assert strangers == []


def test_torch_is_imported_at_module_level_only_where_it_is_at_home() -> None:
    strangers = [
        str(found)
        for found in ALL_IMPORTS
        if found.top in HEAVY and not found.inside and found.at_module_level
        if room(found.file) not in {"network", "training"}
    ]
    assert strangers == []


def test_importing_a_light_room_never_reaches_the_network_room() -> None:
    strangers = [
        str(found)
        for found in ALL_IMPORTS
        if found.inside and found.at_module_level and found.top in {"network", "training"}
        if room(found.file) in {"", "animation", "rig", "blender"}
    ]
    assert strangers == []


def test_light_rooms_need_numpy_at_most() -> None:
    strangers = [
        str(found)
        for found in ALL_IMPORTS
        if not found.inside and room(found.file) in {"", "animation", "rig"}
        if found.top not in ALWAYS | (BLENDER if room(found.file) == "" else set())
    ]
    assert strangers == []


def test_package_imports_itself_relatively() -> None:
    # Blender installs it as bl_ext.REPOSITORY.emotalk_blender.
    assert [str(found) for found in ALL_IMPORTS if found.top == "emotalk_blender"] == []


def modules_loaded_by(names: list[str]) -> set[str]:
    """Everything that a fresh Python has loaded once it has imported these modules."""
    code = f"import sys, json, {', '.join(names)}; sys.stdout.write(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def module_names(folder: str) -> list[str]:
    """Dotted names of all modules in one room."""
    files = (PACKAGE / folder).rglob("*.py")
    return [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]


@pytest.mark.parametrize("folder", ["blender", "inference"])
def test_importing_a_whole_room_imports_no_network_library(folder: str) -> None:
    assert modules_loaded_by(["emotalk_blender", *module_names(folder)]).isdisjoint({*HEAVY, "huggingface_hub"})


def test_inference_never_loads_blender() -> None:
    assert "bpy" not in modules_loaded_by(module_names("inference"))


@pytest.mark.parametrize("file", PROJECT_FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_file_names_its_licence(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("# SPDX-License-Identifier: GPL-3.0-or-later\n")


def test_version_is_written_in_the_manifest_alone() -> None:
    version = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))["version"]
    assert "version" in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dynamic"]
    assert [str(file) for file in SOURCES if f'"{version}"' in file.read_text(encoding="utf-8")] == []
