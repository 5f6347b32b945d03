"""How data is judged: SHACL engines, reports and the gate of every transaction."""
