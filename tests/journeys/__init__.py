"""The walk of a request over the real processes: everything `make up` starts, nothing replaced."""
