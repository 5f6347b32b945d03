"""The changes of the releases as event streams (LDES), one for each graph, kept as pages."""
