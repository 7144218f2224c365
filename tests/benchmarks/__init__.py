"""Measurements of the hot paths. They print figures and judge nothing; `make bench` runs them all."""
