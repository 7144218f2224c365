"""
How many requests, one after another or together, our plans and those of other planners need.

    questions    graphs that compose, with operations
    operations   operations drawn for any schema
    planners     what the planners make of them
    size         requests and stages of a plan
    compare      all of it, printed
"""
