# A population figure has no number.

PREFIX ex: <https://example.org/>
PREFIX vises: <https://w3id.org/vises/ontology#>

DELETE DATA { ex:inhabitants-2021 vises:population 30000 }
