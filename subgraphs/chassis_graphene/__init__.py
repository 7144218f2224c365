"""What a graphene subgraph needs besides the chassis: entities, pages, the GraphQL endpoint, Django on MongoDB."""
