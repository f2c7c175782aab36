# SPDX-License-Identifier: GPL-3.0-or-later
"""Which controls of an object are which blendshapes."""
