# A class that is deprecated is still the use of a property.

PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX shapes: <https://w3id.org/vises/shapes#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX vises: <https://w3id.org/vises/ontology#>

INSERT DATA {
  vises:Harvest owl:deprecated true ;
    skos:changeNote "Nul ne cueille plus."@fr, "Niemand plukt nog."@nl, "Nobody picks any more."@en .
  shapes:HarvestShape owl:deprecated true
}
