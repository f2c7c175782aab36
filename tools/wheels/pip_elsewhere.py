# SPDX-License-Identifier: GPL-3.0-or-later
"""pip, resolving for another system than this one. Arguments: MARKERS (JSON), then those of pip.

pip's --platform and --python-version choose the files, but what a package requires is still read with the markers of
the running Python: PyTorch's CUDA libraries would be asked for on Windows. So pip is given the other system's markers.
"""

from __future__ import annotations

import json
import sys

from pip._internal.cli.main import main
from pip._vendor.packaging import markers

environment = json.loads(sys.argv[1])
markers.default_environment = lambda: dict(environment)
sys.exit(main(sys.argv[2:]))
