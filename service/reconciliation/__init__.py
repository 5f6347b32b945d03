"""Reconciliation Service API, 0.2 and 1.0-draft: what OpenRefine matches names with."""
