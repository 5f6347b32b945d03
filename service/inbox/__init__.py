"""The inbox: partners deliver their data, have it judged, and see what became of it."""

SHAPES = "cids-shapes"
"""The folder of the data folder where the operator puts the official shapes of CIDS."""
