"""Heliograph: run Ansible, Terraform and shell jobs from a browser, an API or a schedule."""
