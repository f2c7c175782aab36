# SPDX-License-Identifier: GPL-3.0-or-later
"""The EmoTalk network (Peng et al., ICCV 2023, arXiv 2303.11089) in PyTorch."""
