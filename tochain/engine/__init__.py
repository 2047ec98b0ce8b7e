"""Rules to judgements: rule files, their expressions, three-valued logic; it knows no product."""
