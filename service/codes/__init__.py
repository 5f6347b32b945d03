"""Code lists: their structure, finding codes in them, and giving them away."""
