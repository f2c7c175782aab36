# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of EmoTalk networks on speech whose phone times are known, with rule-made blendshape targets."""
