# The family of a figure is not in the list of families.

PREFIX ex: <https://example.org/>
PREFIX family: <https://w3id.org/vises/code/family/>
PREFIX perimeter: <https://w3id.org/vises/code/perimeter/>
PREFIX vises: <https://w3id.org/vises/ontology#>

DELETE DATA { ex:health vises:family family:total } ;
INSERT DATA { ex:health vises:family perimeter:insee-ess }
