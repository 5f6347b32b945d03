"""VISES: a linked open data service for the social impact of the social and solidarity economy."""
