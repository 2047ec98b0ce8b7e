"""The language server: findings in every file they concern as one types, hovers, and fixes."""
