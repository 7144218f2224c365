"""The runner of the local system."""
