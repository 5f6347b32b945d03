# An observation does not say of which year it is.

PREFIX ex: <https://example.org/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE DATA { ex:jobs-2021 ex:year "2021"^^xsd:gYear }
