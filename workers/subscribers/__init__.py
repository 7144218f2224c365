"""
The background half of `subscribers`: hears verdicts, and keeps the canonical address with the subscriber.

``python -m workers.subscribers listen``
"""
