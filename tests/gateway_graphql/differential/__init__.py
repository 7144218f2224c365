"""
The federated answer equals the monolith's, whatever the schema, its split, and the question.

A schema is drawn, a split of it into subgraphs, and operations. One schema answers them from made-up data, and the
gateway answers them by asking strict subgraphs over the same data (see ``properties.py`` for what must hold).

    drawing      how everything is drawn, so that a failure can be made small
    monolith     the schema before it is split
    split        who owns what: keys, sharing, requirements, overrides
    data         what every field is worth
    subgraphs    the strict subgraphs
    operations   what is asked
    properties   what must hold

``python -m tests.gateway_graphql.differential --examples 1000`` looks for longer.
"""
