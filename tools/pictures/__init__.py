# SPDX-License-Identifier: GPL-3.0-or-later
"""Stills and films of a talking face, rendered with bpy."""
