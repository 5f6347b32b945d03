# The register has lost an enterprise that was counted.

PREFIX ex: <https://example.org/>
PREFIX vises: <https://w3id.org/vises/ontology#>

DELETE DATA { ex:claim-one vises:about ex:two }
