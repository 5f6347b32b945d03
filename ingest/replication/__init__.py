"""Holding a copy of another instance's datasets by following its event stream."""
