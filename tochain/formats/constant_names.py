"""Names that mean something when an expression is evaluated: units, readers of the environment, conversions."""

from __future__ import annotations

from fractions import Fraction

__all__ = [
    "ADDRESS_MAKERS",
    "ENVIRONMENT",
    "NEVER_NAMES",
    "PAIR_MAKERS",
    "PASSED_ON",
    "READERS",
    "TABLE_MAKERS",
    "WITH_DEFAULT",
    "ZERO_NAMES",
    "environment_name",
    "microseconds",
]

_UNITS = {
    "ns": Fraction(1, 1000), "nano": Fraction(1, 1000), "us": Fraction(1), "micro": Fraction(1), "ms":
    Fraction(1000), "milli": Fraction(1000), "s": Fraction(10**6), "sec": Fraction(10**6), "min": Fraction(60 *
    10**6), "h": Fraction(3600 * 10**6), "d": Fraction(86_400 * 10**6), "w": Fraction(604_800 * 10**6),
}  # fmt: skip
_WORDS = {
    "nanosecond": "ns", "nanos": "ns", "nano": "ns", "microsecond": "us", "micros": "us", "micro": "us",
    "millisecond": "ms", "millis": "ms", "milli": "ms", "msec": "ms", "msecs": "ms", "ms": "ms", "second": "s",
    "sec": "s", "secs": "s", "s": "s", "minute": "min", "min": "min", "mins": "min", "hour": "h", "hr": "h", "h":
    "h", "day": "d", "d": "d", "week": "w", "w": "w", "us": "us", "ns": "ns", "inwholemillisecond": "ms",
}  # fmt: skip


def microseconds(name: str) -> Fraction | None:
    """How many microseconds the unit called `name` has (SECONDS, Second, s, millis, min ...); None for no unit."""
    low = name.lower()
    unit = _WORDS.get(low) or _WORDS.get(low.removesuffix("s"))
    return _UNITS[unit] if unit else None


ENVIRONMENT = ("process.env.", "os.environ.", "ENV.", "import.meta.env.", "Bun.env.", "Deno.env.", "env.", "_ENV.")
"""What stands in front of a variable's name where the environment is read like a table."""


def environment_name(path: str) -> str:
    """The environment variable a dotted name stands for; "" when it is none."""
    for prefix in ENVIRONMENT:
        if path.startswith(prefix) and "." not in path[len(prefix) :]:
            return path[len(prefix) :]
    return ""


READERS = frozenset({
    "os.getenv", "os.environ.get", "getenv", "environ.get", "ENV.fetch", "System.getenv", "System.get_env",
    "System.fetch_env!", "Environment.GetEnvironmentVariable", "env.var", "std.env.var", "os.Getenv",
    "os.LookupEnv", "Deno.env.get", "env", "config", "env.int", "env.str", "env.float", "Application.get_env",
    "getEnv", "syscall.Getenv", "env.get",
})  # fmt: skip
"""Functions that read a variable by name, with a default as second argument where there is one."""

WITH_DEFAULT = frozenset(
    {"unwrap_or", "orElse", "getOrElse", "unwrap_or_else", "presence", "GetValueOrDefault", "ifEmpty"}
)
"""Methods that say what holds when there is no value."""

PASSED_ON = frozenset({
    "parseInt", "parseFloat", "Number", "int", "float", "str", "Integer", "Float", "String.to_integer",
    "to_integer", "to_i", "to_f", "to_s", "String", "Atoi", "ParseInt", "parseLong", "valueOf", "Parse", "ToInt32",
    "ToDouble", "toLong", "toInt", "into", "unwrap", "expect", "to_string", "Some", "ok", "parse", "longValue",
    "intValue", "Duration", "Int", "Long", "toString", "round", "floor", "ceil", "trunc", "Fraction", "Decimal",
    "Ptr", "Int64", "Int32", "int64", "int32", "strip", "trim", "toInteger", "to_owned", "as_str", "presence",
    "freeze", "Timeout", "uint", "uint32", "toJavaDuration", "toKotlinDuration",
})  # fmt: skip
"""Conversions that leave the value as it is."""

TABLE_MAKERS = frozenset(
    {"dict", "Object.freeze", "Object.seal", "deepFreeze", "MappingProxyType", "freeze", "OrderedDict"}
)
"""Calls that only hand a table on."""

PAIR_MAKERS = {
    "Map.of": True, "ImmutableMap.of": True, "Map.ofEntries": False, "mapOf": False, "mutableMapOf": False, "hashMapOf":
    False,
}  # fmt: skip
"""Calls that make a table of pairs; whether keys and values go in turns."""

ADDRESS_MAKERS = frozenset({
    "URI.create", "URI", "URL", "Uri", "ConnectionString", "URI.parse", "URI.join", "HttpUrl.parse", "HttpUrl.get", "Url.parse",
    "url.Parse", "yarl.URL", "httpx.URL", "Addressable.URI.parse", "java.net.URI.create", "Uri.parse",
})  # fmt: skip
"""What makes an address of a text."""

NEVER_NAMES = frozenset({
    "Infinity", "Number.POSITIVE_INFINITY", "Float.INFINITY", "math.inf", "Timeout.InfiniteTimeSpan",
    "TimeSpan.MaxValue", "Duration.INFINITE", "Duration.MAX", "Timeout.Infinite", "infinity", "Long.MAX_VALUE",
    "Integer.MAX_VALUE", "Int.MAX_VALUE", "Timeout.DISABLED", "TimeValue.NEG_ONE_MILLISECOND", "INT_MAX",
    "math.MaxInt64",
})  # fmt: skip
ZERO_NAMES = frozenset({"Duration.ZERO", "TimeSpan.Zero", "Timeout.ZERO_MILLISECONDS", "TimeValue.ZERO_MILLISECONDS"})
