# A place is below the root by skos:broader only.

PREFIX ex: <https://example.org/>

DELETE DATA { ex:jobs-2021 ex:path ex:north . ex:hours-2021 ex:path ex:north } ;
INSERT DATA { ex:jobs-2021 ex:path ex:south . ex:hours-2021 ex:path ex:south }
