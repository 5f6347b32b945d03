"""Charts as SVG made on the server: no script, no style of their own."""
