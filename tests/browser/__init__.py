"""The application in a real browser, on the running system: what people do, whether everybody can, and how fast it comes."""
