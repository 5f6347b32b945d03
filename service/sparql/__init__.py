"""The SPARQL endpoint: protocol, negotiation, streaming, the query editor."""
