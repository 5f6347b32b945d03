# A property does not say on what it is used.

PREFIX schema: <https://schema.org/>
PREFIX vises: <https://w3id.org/vises/ontology#>

DELETE DATA { vises:yield schema:domainIncludes vises:Harvest }
