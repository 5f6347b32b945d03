# A figure announces jobs and gives none.

PREFIX ex: <https://example.org/>
PREFIX vises: <https://w3id.org/vises/ontology#>

DELETE DATA { ex:west-before vises:jobCount 690 }
