"""Letters to subscribers: what was intended, sent, failed, or is unknown."""
