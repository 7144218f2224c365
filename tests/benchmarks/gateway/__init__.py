"""The gateway alone: four subgraphs, one gateway on one core's worth of Python, and a load that knows what to expect."""
