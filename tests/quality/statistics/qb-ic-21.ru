# A place is below the root by skos:narrower only.

PREFIX ex: <https://example.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

DELETE DATA { ex:north skos:broader ex:land }
