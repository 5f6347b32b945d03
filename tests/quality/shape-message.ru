# A message is not there in Dutch.

PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX shapes: <https://w3id.org/vises/shapes#>

DELETE DATA { shapes:HarvestShape-yield sh:message "Geef het gewicht."@nl }
