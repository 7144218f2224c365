"""The old discount-claim application: one request checks, computes, makes the voucher and sends it."""
