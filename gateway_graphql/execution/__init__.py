"""Run a plan: ask the subgraphs, merge their answers, and shape the result the client asked for."""
