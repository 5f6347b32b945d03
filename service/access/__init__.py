"""Who may read and write which graphs."""
