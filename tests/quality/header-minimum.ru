# The ontology has no licence.

PREFIX dcterms: <http://purl.org/dc/terms/>

DELETE DATA { <https://w3id.org/vises/ontology> dcterms:license <https://creativecommons.org/licenses/by/4.0/> }
