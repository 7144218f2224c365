"""Compose many graphs twice, with our composition and with Apollo's, and show where they disagree."""
