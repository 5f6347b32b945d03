"""Judging what a change can have changed, and nothing else."""
