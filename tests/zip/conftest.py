# SPDX-License-Identifier: GPL-3.0-or-later
"""The built zip, for the tests that look into it or install it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.zip.extension_zip import build_zip


@pytest.fixture(scope="session")
def built_zip() -> Path:
    return build_zip()
