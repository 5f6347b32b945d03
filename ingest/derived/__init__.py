"""Figures that are derived from what enterprises are and report, under disclosure control."""
