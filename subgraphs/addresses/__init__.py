"""The register of known addresses: kept, searched, imported, merged."""
