# The Dutch title is gone.

PREFIX dcterms: <http://purl.org/dc/terms/>

DELETE DATA { <https://w3id.org/vises/ontology> dcterms:title "Kleine ontologie"@nl }
