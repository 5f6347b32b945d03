"""The page of a dataset, and the list of all."""
