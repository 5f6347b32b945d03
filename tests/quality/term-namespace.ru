# A term is defined by another ontology.

PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX vises: <https://w3id.org/vises/ontology#>

DELETE DATA { vises:yield rdfs:isDefinedBy <https://w3id.org/vises/ontology> } ;
INSERT DATA { vises:yield rdfs:isDefinedBy <https://example.org/ontology> }
