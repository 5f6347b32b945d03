"""What programs look for at fixed places: sitemap, robots, security contact."""
