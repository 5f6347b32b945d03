"""Remote engines: a replica of a release in another SPARQL store, filled and asked over HTTP."""
