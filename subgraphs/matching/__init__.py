"""What was found for an address, how sure that is, and what people decided about it."""
