"""A mailbox for development: takes every letter the system sends and shows it on a page. It never sends one on."""
