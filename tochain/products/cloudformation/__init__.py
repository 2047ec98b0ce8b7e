"""CloudFormation and SAM: templates to cloud resources."""
