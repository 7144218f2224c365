"""
The background half of `discounts`: hears of claims, decides each once, and makes the voucher.

``python -m workers.discounts listen``
"""
