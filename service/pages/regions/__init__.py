"""Regions: where they are, what is published of them, and how two of them compare."""
