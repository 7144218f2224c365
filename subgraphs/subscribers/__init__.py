"""Who subscribes, and the address as they typed it."""
