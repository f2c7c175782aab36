# SPDX-License-Identifier: GPL-3.0-or-later
"""How the conventions are called by which faces name their shapes. Names alone: Blender needs them as it starts."""

from __future__ import annotations

CONVENTIONS = {
    "ARKIT": "ARKit",
    "OCULUS": "Ready Player Me, Oculus",
    "VROID": "VRoid",
    "VRM": "VRM",
    "METAHUMAN": "MetaHuman",
    "RHUBARB": "Rhubarb",
    "PRESTON_BLAIR": "Preston Blair",
    "FACEIT": "Faceit, Audio2Face",
}
"""Key of each preset -> what the artist reads, in the order of PRESETS. A .blend has numbers: add at the end."""
