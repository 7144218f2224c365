"""Composition, part by part; whole compositions are in ``cases``."""
