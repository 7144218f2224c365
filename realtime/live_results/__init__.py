"""What can be watched (``schema``), and how an update gets from Redis to whoever watches (``updates``)."""
