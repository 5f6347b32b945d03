"""The graph store: graphs read and written by HTTP (SPARQL 1.1 Graph Store HTTP Protocol)."""
