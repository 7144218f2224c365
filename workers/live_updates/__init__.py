"""
Facts become updates: appended to the stream of their topic, kept as its snapshot, and told to whoever watches.

`python -m workers.live_updates listen`; what a stream holds is in `contracts/update.v1.json`, read by `realtime`.
"""
