"""The page of a source: a publication that figures and claims come from."""
