"""Full-text search: an index beside each release, and what asks it."""
