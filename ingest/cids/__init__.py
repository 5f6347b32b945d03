"""The Common Impact Data Standard (CIDS 3.2): its JSON-LD read into VISES terms, and written."""
