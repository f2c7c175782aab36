# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's zips: built, checked, and installed as a proof."""
