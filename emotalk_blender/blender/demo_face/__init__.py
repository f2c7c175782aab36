# SPDX-License-Identifier: GPL-3.0-or-later
"""The EmoTalk Face, a stylized head with all 52 shape keys, made from code."""
