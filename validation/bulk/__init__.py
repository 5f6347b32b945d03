"""Judging everything: linear in time, bounded in memory, in several processes."""
