"""Who may use the graph, and for what: users, their roles, the programs that ask in their name or in their own."""
