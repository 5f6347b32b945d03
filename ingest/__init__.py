"""How data comes in: sources, contracts, RML mappings, quarantine, provenance."""
