"""What RQ calls: each job calls a service."""
