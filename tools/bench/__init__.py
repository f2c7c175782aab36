# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmarks that anyone can run: python3 build.py bench. Every figure is a ratio, or stands beside its like."""
