"""Requests that are read by their bytes, between the connection and a query process."""
