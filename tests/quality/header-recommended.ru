# The ontology does not say when it was issued.

PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE DATA { <https://w3id.org/vises/ontology> dcterms:issued "2026-11-23"^^xsd:date }
