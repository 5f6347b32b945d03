"""Validation as a service: data that is sent is judged, and nothing of it is published."""
