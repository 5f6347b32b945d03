"""Pages of their own for the kinds of things that people look for: a module for each kind."""
