"""The node kinds of each programming language that reading code needs, as data: names of tree-sitter's grammars."""

from __future__ import annotations

from pathlib import PurePosixPath

__all__ = [
    "ASSIGNMENTS",
    "BINARIES",
    "CALLS",
    "CHOICES",
    "CLASSES",
    "CLASS_FIELDS",
    "DECLARATIONS",
    "FUNCTIONS",
    "LISTS",
    "MEMBERS",
    "NAMES",
    "NUMBERS",
    "PARAMETERS",
    "SELVES",
    "STRINGS",
    "SUBSCRIPTS",
    "TABLES",
    "UNARIES",
    "WORDS",
    "WRAPPERS",
    "family",
    "language_of",
]

_EXTENSIONS = {
    "js": "javascript", "mjs": "javascript", "cjs": "javascript", "jsx": "jsx", "ts": "typescript", "mts":
    "typescript", "cts": "typescript", "tsx": "tsx", "py": "python", "go": "go", "java": "java", "kt": "kotlin",
    "kts": "kotlin", "cs": "csharp", "rb": "ruby", "ru": "ruby", "rs": "rust", "ex": "elixir", "exs": "elixir",
    "swift": "swift", "php": "php",
}  # fmt: skip


def language_of(path: str) -> str | None:
    """The parser's language for a file, by its extension; None when it is no source code we read."""
    return _EXTENSIONS.get(PurePosixPath(path).suffix[1:].lower())


def family(language: str) -> str:
    """The language as patterns name it: JavaScript, TypeScript and their JSX forms are all "js"."""
    return "js" if language in ("javascript", "jsx", "typescript", "tsx") else language


CALLS: dict[str, tuple[str, ...]] = {
    "js": ("call_expression", "new_expression"),
    "python": ("call",),
    "go": ("call_expression", "composite_literal", "var_spec"),
    "java": ("method_invocation", "object_creation_expression", "annotation"),
    "kotlin": ("call_expression",),
    "csharp": ("invocation_expression", "object_creation_expression", "implicit_object_creation_expression"),
    "ruby": ("call",),
    "rust": ("call_expression", "struct_expression"),
    "elixir": ("call",),
    "swift": ("call_expression",),
    "php": (
        "function_call_expression", "member_call_expression", "nullsafe_member_call_expression",
        "scoped_call_expression", "object_creation_expression",
    ),
}  # fmt: skip
"""What counts as a call: constructors and literals of a named type too, and `var s http.Server`."""

ASSIGNMENTS: dict[str, tuple[str, ...]] = {
    "js": ("variable_declarator", "assignment_expression"),
    "python": ("assignment", "as_pattern"),
    "go": ("const_spec", "var_spec", "short_var_declaration", "assignment_statement"),
    "java": ("variable_declarator", "assignment_expression"),
    "kotlin": ("property_declaration", "assignment"),
    "csharp": ("variable_declarator", "assignment_expression"),
    "ruby": ("assignment", "operator_assignment"),
    "rust": ("const_item", "static_item", "let_declaration", "assignment_expression"),
    "elixir": ("binary_operator", "unary_operator"),
    "swift": ("property_declaration", "assignment"),
    "php": ("assignment_expression", "const_element", "property_element"),
}
CLASS_FIELDS = {
    "javascript": "field_definition", "jsx": "field_definition", "typescript": "public_field_definition", "tsx":
    "public_field_definition"
}  # fmt: skip

PARAMETERS: dict[str, tuple[str, ...]] = {
    "java": ("formal_parameter", "local_variable_declaration", "field_declaration"),
    "kotlin": ("parameter", "class_parameter"),
    "csharp": ("parameter",),
}
"""Parameters of functions and variables, in languages that declare their types."""

MEMBERS: dict[str, tuple[str, str]] = {
    "member_expression": ("object", "property"),
    "attribute": ("object", "attribute"),
    "selector_expression": ("operand", "field"),
    "field_access": ("object", "field"),
    "member_access_expression": ("expression", "name"),
    "field_expression": ("value", "field"),
    "scoped_identifier": ("path", "name"),
    "scope_resolution": ("scope", "name"),
    "dot": ("left", "right"),
    "qualified_type": ("package", "name"),
    "qualified_name": ("qualifier", "name"),
    "nested_type_identifier": ("module", "name"),
    "navigation_expression": ("", ""),
    "directly_assignable_expression": ("", ""),
    "scoped_type_identifier": ("", ""),
    "class_constant_access_expression": ("", ""),
    "scoped_property_access_expression": ("", ""),
}
"""`object.name`: the fields of both halves; "" where the grammar names none and position counts."""

SUBSCRIPTS = {
    "subscript",
    "subscript_expression",
    "element_reference",
    "element_access_expression",
    "indexing_expression",
}
NAMES = {
    "identifier", "property_identifier", "field_identifier", "type_identifier", "simple_identifier", "constant",
    "package_identifier", "instance_variable", "class_variable", "global_variable", "alias",
    "shorthand_property_identifier", "private_property_identifier", "predefined_type", "name",
}  # fmt: skip
SELVES = {"this", "self", "this_expression", "base", "self_expression", "relative_scope"}
WRAPPERS = {
    "parenthesized_expression", "await_expression", "await", "non_null_expression", "as_expression",
    "satisfies_expression", "reference_expression", "try_expression", "literal_element", "argument",
    "value_argument", "postfix_expression", "as_pattern_target", "expression_list", "parenthesized_statements",
    "variable_declaration", "equals_value_clause", "expression_statement",
}  # fmt: skip
NUMBERS = {
    "number", "integer", "float", "int_literal", "float_literal", "decimal_integer_literal",
    "decimal_floating_point_literal", "hex_integer_literal", "integer_literal", "real_literal", "long_literal",
    "hex_literal", "unsigned_literal",
}  # fmt: skip
STRINGS = {
    "string", "template_string", "interpreted_string_literal", "raw_string_literal", "string_literal",
    "interpolated_string_expression", "verbatim_string_literal", "line_string_literal", "multi_line_string_literal",
    "concatenated_string", "encapsed_string",
}  # fmt: skip
WORDS = {
    "true": "true", "false": "false", "True": "true", "False": "false", "None": "none", "none": "none", "null":
    "none", "nil": "none", "undefined": "none",
}  # fmt: skip
BINARIES = {
    "binary_expression", "binary_operator", "boolean_operator", "binary", "multiplicative_expression",
    "additive_expression", "elvis_expression", "disjunction_expression",
}  # fmt: skip
UNARIES = {"unary_expression", "unary_operator", "prefix_expression", "prefix_unary_expression", "unary"}
CHOICES = {"ternary_expression", "conditional_expression", "conditional"}
TABLES = {"object", "dictionary", "hash", "map", "keywords", "map_content"}
LISTS = {
    "array", "list", "tuple", "tuple_expression", "array_initializer", "array_expression", "collection_literal",
    "array_creation_expression", "array_literal",
    "initializer_expression",
}  # fmt: skip
CLASSES = (
    "class_declaration", "class_definition", "class", "module", "object_declaration", "interface_declaration",
    "struct_declaration", "record_declaration", "enum_declaration", "abstract_class_declaration",
)  # fmt: skip
"""What has members of its own, by kind of node in whatever language."""
DECLARATIONS = {
    "variable_declarator", "property_declaration", "short_var_declaration", "var_spec", "let_declaration",
}  # fmt: skip
"""Bindings that make a name of their own, not to be taken for one of the same name elsewhere."""
FUNCTIONS = {
    "function_declaration", "function_definition", "arrow_function", "function_expression", "method_definition",
    "func_literal", "method_declaration", "constructor_declaration", "lambda_expression", "function_item",
    "closure_expression", "method", "singleton_method", "lambda", "local_function_statement", "anonymous_function",
    "generator_function_declaration", "anonymous_function_creation_expression", "init_declaration", "lambda_literal",
}  # fmt: skip
