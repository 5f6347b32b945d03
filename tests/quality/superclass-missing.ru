# A class has nothing above it.

PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX vises: <https://w3id.org/vises/ontology#>

DELETE DATA { vises:Harvest rdfs:subClassOf prov:Activity }
