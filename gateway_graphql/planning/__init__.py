"""
Turn an operation into a plan: which subgraph is asked for what, and in which order. No I/O here.

The way: ``normalize`` (selections to positions) → ``solve`` and ``attempt`` (who supplies what, at which ``prices``)
→ ``build`` (requests that wait for one another) → ``documents`` → ``plan``. ``plan_operation`` is that way on one page.
"""
