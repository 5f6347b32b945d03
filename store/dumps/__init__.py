"""The content of datasets as files: whole graphs, tables of classes, cubes."""
