"""SPARQL 1.1 Update, evaluated in a sealed process: from a request to the change it asks for."""
