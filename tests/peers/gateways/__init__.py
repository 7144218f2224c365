"""Serve the product's supergraph with the npm gateways as well, and ask all of them the same."""
