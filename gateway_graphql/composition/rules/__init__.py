"""Every check, in the order in which the messages read best."""

SUBGRAPH_RULES: tuple = ()
MERGED_RULES: tuple = ()
