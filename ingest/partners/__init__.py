"""What partners send: read as one graph, checked for whose it is, in VISES terms, with a report."""
