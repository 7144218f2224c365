"""The only place where two folders meet."""
