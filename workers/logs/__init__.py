"""
The background half of `logs`: keeps the lines of every service, and says when something is wrong with one.

``python -m workers.logs write | ship | watch``
"""
