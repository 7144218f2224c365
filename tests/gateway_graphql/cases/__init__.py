"""
A case is a folder: why it is asked (``README.md``), the subgraphs, and what composition says to them.

``diagnostics.txt`` holds the errors; where there are none, ``supergraph.graphql`` holds the supergraph, and
``hints.txt`` the hints if there are any. ``ACCEPT=1`` writes them anew; read the difference like code.
"""
