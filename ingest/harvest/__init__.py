"""Harvesting another SPARQL endpoint: page by page, politely, into one dataset."""
