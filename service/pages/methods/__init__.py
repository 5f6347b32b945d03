"""Methods: their stages as a path, who tried them, how they were refined and spread."""
