"""The page of an indicator, and the list of all."""
