# A label is longer than its definition.

PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX vises: <https://w3id.org/vises/ontology#>

DELETE DATA { vises:Harvest rdfs:label "Harvest"@en } ;
INSERT DATA { vises:Harvest rdfs:label "Work by which all of the fruit is picked"@en }
