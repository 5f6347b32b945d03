"""The pages and the RDF of every resource."""
