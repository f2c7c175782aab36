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
    "MMD": "MikuMikuDance",
    "CC_STANDARD": "Character Creator Standard",
    "CC_EXTENDED": "Character Creator Extended",
    "CC_HD": "Character Creator HD",
    "DAZ_8_1": "Daz Genesis 8.1",
    "DAZ_9": "Daz Genesis 9",
    "FACESHIFT": "faceshift",
    "ROCKETBOX": "Microsoft Rocketbox",
}
"""Key of each preset -> what the artist reads. A .blend has numbers: add at the end."""
