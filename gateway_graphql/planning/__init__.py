"""Turn an operation into a plan: which subgraph is asked for what, and in which order. No I/O here."""
