# A property shape does not say how grave it is.

PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX shapes: <https://w3id.org/vises/shapes#>

DELETE DATA { shapes:HarvestShape-yield sh:severity sh:Violation }
