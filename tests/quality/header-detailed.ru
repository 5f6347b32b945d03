# The ontology has no DOI.

PREFIX bibo: <http://purl.org/ontology/bibo/>

DELETE DATA { <https://w3id.org/vises/ontology> bibo:doi "10.5555/12345678" }
