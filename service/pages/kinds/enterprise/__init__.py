"""The portrait of an enterprise."""
