"""Clients of a running system, through the gateway alone: what ``make demo`` shows and ``make bench`` measures."""
