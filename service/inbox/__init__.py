"""The inbox: partners deliver their data, have it judged, and see what became of it."""
