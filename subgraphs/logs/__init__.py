"""The log lines of every service, and what is wrong with one."""
