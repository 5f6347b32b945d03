"""The demonstration graph: the VISES method and official figures, with fictitious enterprises."""
