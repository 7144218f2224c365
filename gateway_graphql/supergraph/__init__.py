"""The composed graph: what composition writes and planning reads."""
