"""What runs and what waits: queues, workers, dead letters, and the health of every service; it keeps nothing itself."""
