# A share is three points below what the jobs make.

PREFIX ex: <https://example.org/>
PREFIX vises: <https://w3id.org/vises/ontology#>

DELETE DATA { ex:share vises:shareOfSseEmployment 84.0 } ;
INSERT DATA { ex:share vises:shareOfSseEmployment 81.3 }
