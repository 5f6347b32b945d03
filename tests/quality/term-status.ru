# A term does not say how stable it is.

PREFIX vises: <https://w3id.org/vises/ontology#>
PREFIX vs: <http://www.w3.org/2003/06/sw-vocab-status/ns#>

DELETE DATA { vises:yield vs:term_status "testing" }
