"""The documentation of the ontology and of the shapes, from what they say of themselves."""
