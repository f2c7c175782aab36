# SPDX-License-Identifier: GPL-3.0-or-later
"""One click on Generate: from the settings to a request, a worker thread, and curves to bake."""
