"""What any subgraph needs and no subgraph decides: settings, identity, facts, health, logs, the way to MongoDB."""
