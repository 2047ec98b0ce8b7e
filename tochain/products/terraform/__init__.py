"""Terraform: configurations and plans to cloud resources."""
