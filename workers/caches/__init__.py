"""Calls back what the gateway keeps as soon as it is no longer true."""
