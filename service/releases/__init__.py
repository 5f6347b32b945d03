"""The pages of the releases: what was published when, and what changed."""
