"""Running the service: who asks, what is counted and logged, several processes."""
