"""Answers that are good for a while: what the graph says of them, where they are kept, and who looks there first."""
