"""
How the matcher learns: registers and labelled queries made up from real names, weights fitted to them, thresholds picked.

Nothing here is needed to match; the matcher reads the weights that came out (``matcher/weights.json``).
"""
