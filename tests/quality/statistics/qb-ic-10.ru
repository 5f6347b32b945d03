# A slice does not say at which place it was cut.

PREFIX ex: <https://example.org/>

DELETE DATA { ex:slice ex:place ex:north }
