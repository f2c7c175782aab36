# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist installs runs no code out of a file, starts no program and knows no network: read from the sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "emotalk_blender"
SOURCES = sorted(file for file in PACKAGE.rglob("*.py") if "training" not in file.parts)

BUILTINS = {"eval", "exec", "compile", "__import__"}
CALLS = {
    "popen",
    "fork",
    "Popen",
    "startfile",
    "execute_preset",
    "python_file_run",
    "as_module",
    "run_path",
    "driver_add",
}
CALLS |= {"from_pretrained"}
MODULES = {"subprocess", "socket", "urllib", "http", "requests", "ftplib", "webbrowser", "marshal", "shelve", "ctypes"}
MODULES |= {"runpy", "code", "dill", "joblib", "huggingface_hub", "asyncio", "multiprocessing"}


def faults(tree: ast.AST) -> Iterator[str]:
    """Everything in a source that could run code from a file, or reach out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            yield from (f"line {node.lineno} imports {name}" for name in names if name.split(".")[0] in MODULES)
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            name = called.rpartition(".")[2]
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            if name in CALLS or called == "os.system" or called.removeprefix("builtins.") in BUILTINS:
                yield f"line {node.lineno} calls {called}"
            if called in {"pickle.load", "pickle.loads", "pickle.Unpickler"}:
                yield f"line {node.lineno} unpickles"
            if called == "torch.load" and given.get("weights_only") != "True":
                yield f"line {node.lineno} lets torch.load run code"
            if called in {"np.load", "numpy.load"} and given.get("allow_pickle", "False") != "False":
                yield f"line {node.lineno} lets NumPy run code"


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_a_source_runs_no_code_from_files_and_reaches_out_to_nobody(file: Path) -> None:
    found = faults(ast.parse(file.read_text(encoding="utf-8")))
    assert [fault for fault in found if not is_allowed(file, fault)] == []


def is_allowed(file: Path, fault: str) -> bool:
    """PyTorch's own library is loaded through ctypes, which lets go of Python's lock meanwhile; nothing else is."""
    return file.name == "torch_import.py" and fault.endswith("imports ctypes")


@pytest.mark.parametrize(
    "code",
    [
        "eval(text)",
        "builtins.exec(text)",
        "import urllib.request",
        "from subprocess import run",
        "pickle.load(file)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "np.load(path, allow_pickle=True)",
        "bpy.ops.script.execute_preset(filepath=path)",
        "curve = thing.driver_add('location')",
        "Model.from_pretrained(name)",
    ],
)
def test_this_would_be_found(code: str) -> None:
    assert len(list(faults(ast.parse(code)))) == 1


def test_this_is_allowed() -> None:
    code = "import re, json\nre.compile('a')\ntorch.load(path, weights_only=True)\nnp.load(path)\nfrom .http import x"
    assert list(faults(ast.parse(code))) == []
