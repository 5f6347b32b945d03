# A definition says what a thing is not.

PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX vises: <https://w3id.org/vises/ontology#>

DELETE DATA { vises:Harvest skos:definition "Work by which fruit is picked."@en } ;
INSERT DATA { vises:Harvest skos:definition "Work that is not done in winter."@en }
