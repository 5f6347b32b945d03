# A definition begins with the label.

PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX vises: <https://w3id.org/vises/ontology#>

DELETE DATA { vises:yield skos:definition "Weight of the fruit picked, in kilograms."@en } ;
INSERT DATA { vises:yield skos:definition "Yield of the fruit picked, in kilograms."@en }
