# The version IRI is that of another version.

PREFIX owl: <http://www.w3.org/2002/07/owl#>

DELETE DATA { <https://w3id.org/vises/ontology> owl:versionIRI <https://w3id.org/vises/ontology/1.2.3> } ;
INSERT DATA { <https://w3id.org/vises/ontology> owl:versionIRI <https://w3id.org/vises/ontology/1.2.4> }
