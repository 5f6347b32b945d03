# One family alone is suppressed, so that the total gives it away.

PREFIX ex: <https://example.org/>

DELETE WHERE { ex:foundations ?property ?value }
