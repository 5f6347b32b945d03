# The Dutch label is gone.

PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX vises: <https://w3id.org/vises/ontology#>

DELETE DATA { vises:Harvest rdfs:label "Oogst"@nl }
