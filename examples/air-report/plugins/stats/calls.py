"""The tools: their schemas, and what a call answers. Plain Python, so that plain tests run it."""

import json

import formulas
import series


class UnknownTool(Exception):
    """Names a tool that there is not."""


SERIES = {
    "description": "The numbers: a list in which null is missing, or a column of a CSV file. "
    "A day such as 2026-04-06 counts as a number, one more for each day.",
    "anyOf": [
        {"type": "array", "items": {"type": ["number", "string", "null"]}},
        {
            "type": "object",
            "properties": {
                "path": {
                    "type": "string",
                    "description": "Absolute path of the CSV file.",
                },
                "column": {
                    "type": "string",
                    "description": "The column with the numbers.",
                },
                "where": {
                    "type": "object",
                    "description": "The rows: for each column named here, the text that its "
                    "cell has, or a list of them.",
                    "additionalProperties": {
                        "anyOf": [
                            {"type": "string"},
                            {"type": "array", "items": {"type": "string"}},
                        ]
                    },
                },
            },
            "required": ["path", "column"],
            "additionalProperties": False,
        },
    ],
}

# In place of a series: its schema stands once in each tool's.
A_SERIES = {"$ref": "#/$defs/series"}

THRESHOLD = {
    "type": "number",
    "exclusiveMinimum": 0,
    "maximum": 1000,
    "default": 3.5,
    "description": "How many robust standard deviations from the median are too many.",
}
PERMUTATIONS = {
    "type": "integer",
    "minimum": 0,
    "maximum": 20_000,
    "default": 2_000,
    "description": "How many random groups the permutation test draws; 0 for no such test.",
}
SEED = {
    "type": "integer",
    "minimum": 0,
    "maximum": 2**53,
    "default": 1,
    "description": "Fixes what the permutation test draws.",
}


def schema(required: dict, optional: dict | None = None) -> str:
    properties = required | (optional or {})
    return json.dumps(
        {
            "type": "object",
            "properties": properties,
            "required": list(required),
            "additionalProperties": False,
            "$defs": {"series": SERIES},
        }
    )


def summary(given: dict) -> dict:
    values = series.read(given["values"], "values")
    present = [value for value in values if value is not None]
    return formulas.summary(present, len(values) - len(present))


def trend(given: dict) -> dict:
    y = series.read(given["y"], "y")
    x = (
        series.read(given["x"], "x")
        if "x" in given
        else [float(at) for at in range(len(y))]
    )
    return formulas.trend(*series.pairs(x, y))


def outliers(given: dict) -> dict:
    threshold = ranged(given, "threshold", THRESHOLD)
    return formulas.outliers(series.read(given["values"], "values"), threshold)


def correlation(given: dict) -> dict:
    pairs = series.pairs(series.read(given["x"], "x"), series.read(given["y"], "y"))
    return formulas.correlation(*pairs)


def compare(given: dict) -> dict:
    groups = [series.read(given[name], name) for name in ("a", "b")]
    a, b = ([value for value in group if value is not None] for group in groups)
    times, seed = ranged(given, "permutations", PERMUTATIONS), ranged(
        given, "seed", SEED
    )
    return formulas.compare(a, b, times, seed)


def ranged(given: dict, name: str, rule: dict) -> int | float:
    """A number of the input that keeps to its schema, or the default."""
    value = given.get(name, rule["default"])
    kind = int if rule["type"] == "integer" else (int, float)
    over = "exclusiveMinimum" in rule and value == rule["exclusiveMinimum"]
    least = rule.get("minimum", rule.get("exclusiveMinimum"))
    if isinstance(value, bool) or not isinstance(value, kind) or over:
        raise ValueError(f"`{name}` is not what its schema says")
    if not least <= value <= rule["maximum"]:
        raise ValueError(f"`{name}` is not between {least} and {rule['maximum']}")
    return value


# Name, description, schema, and the function that answers.
TOOLS = [
    (
        "summary",
        "Describes numbers: how many, mean with its 95 % interval, standard deviation, least, "
        "quartiles, median and greatest.",
        schema({"values": A_SERIES}),
        summary,
    ),
    (
        "trend",
        "Fits a straight line by least squares: its slope with the 95 % interval and p-value. "
        "x is 0, 1, 2, … where it is left out; with days as x the slope is per day.",
        schema({"y": A_SERIES}, {"x": A_SERIES}),
        trend,
    ),
    (
        "outliers",
        "Finds numbers that are far from the median, by the median distance from it, so that the "
        "outliers do not hide each other. Says which follow each other: a broken sensor, say.",
        schema({"values": A_SERIES}, {"threshold": THRESHOLD}),
        outliers,
    ),
    (
        "correlation",
        "Says how much two series go together: Pearson's r with its 95 % interval and p-value, "
        "and Spearman's.",
        schema({"x": A_SERIES, "y": A_SERIES}),
        correlation,
    ),
    (
        "compare",
        "Compares the means of two groups: the difference b - a with its 95 % interval, Welch's "
        "t test, and a permutation test that is the same each time.",
        schema(
            {"a": A_SERIES, "b": A_SERIES}, {"permutations": PERMUTATIONS, "seed": SEED}
        ),
        compare,
    ),
]


def call(name: str, input_json: str) -> str:
    """What a tool answers, as JSON.

    A ValueError or `Unsuitable` says what is wrong with the input.
    """
    for tool, _, rules, answer in TOOLS:
        if tool == name:
            return json.dumps(
                answer(read_input(input_json, rules)), separators=(",", ":")
            )
    raise UnknownTool(name)


def read_input(input_json: str, rules: str) -> dict:
    try:
        given = json.loads(input_json, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the input is not JSON: {error}")
    if not isinstance(given, dict):
        raise ValueError("the input is not a JSON object")
    allowed = json.loads(rules)
    for name in allowed["required"]:
        if name not in given:
            raise ValueError(f"`{name}` is missing")
    for name in given:
        if name not in allowed["properties"]:
            raise ValueError(f"there is no input {series.shown(name)}")
    return given


def no_number(text: str):
    raise ValueError(f"{text} is no number")
