"""How data goes out: the SPARQL endpoint, resource pages, health."""
