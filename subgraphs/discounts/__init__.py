"""Discounts: a claim is answered at once, decided in the background, and its voucher pushed live."""
