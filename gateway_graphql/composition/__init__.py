"""Compose subgraphs: many SDLs in, one supergraph out, or everything that stands in the way."""
