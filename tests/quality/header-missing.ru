# The ontology has another prefix.

PREFIX vann: <http://purl.org/vocab/vann/>

DELETE DATA { <https://w3id.org/vises/ontology> vann:preferredNamespacePrefix "vises" } ;
INSERT DATA { <https://w3id.org/vises/ontology> vann:preferredNamespacePrefix "sse" }
