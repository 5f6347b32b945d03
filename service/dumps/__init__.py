"""The content of datasets as files, at /dumps."""
