"""The charts of pygal, imported here alone.

pygal adds a finder to `sys.meta_path` for plugins with maps, which we have none of. It has no
`find_spec`, so Python before 3.12 would warn at each import of a module that is not there, in
whatever package; so it is taken away again.
"""

from __future__ import annotations

import sys

from pygal import XY, Histogram, HorizontalBar, PluginImportFixer
from pygal.graph.graph import Graph
from pygal.style import Style
from pygal.view import Box

sys.meta_path[:] = [f for f in sys.meta_path if not isinstance(f, PluginImportFixer)]

__all__ = ["XY", "Box", "Graph", "Histogram", "HorizontalBar", "Style"]
