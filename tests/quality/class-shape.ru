# A class has no shape of its name.

PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX shapes: <https://w3id.org/vises/shapes#>
PREFIX vises: <https://w3id.org/vises/ontology#>

DELETE DATA { shapes:HarvestShape sh:targetClass vises:Harvest }
