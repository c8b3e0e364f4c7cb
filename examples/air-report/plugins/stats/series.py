"""Series of numbers: written in the input, or a column of a CSV file."""

import csv
import os
import re
from datetime import date

VALUES_MAX = 100_000
BYTES_MAX = 8 * 1024 * 1024
NUMBER_MAX = 1e70  # Its fourth power is a number, too.

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
DELIMITERS = ",;\t|"

Series = list[float | None]


class Missing(Exception):
    """Says which file does not exist."""


class Unreadable(Exception):
    """Says why a file cannot be read."""


def read(value: object, name: str) -> Series:
    """The numbers of a series; None where one is missing. A ValueError says what is wrong."""
    if isinstance(value, list):
        if len(value) > VALUES_MAX:
            raise ValueError(f"`{name}` has more than {VALUES_MAX} numbers")
        return [number(item, f"`{name}` has {shown(item)}, which") for item in value]
    if not isinstance(value, dict):
        raise ValueError(f"`{name}` is a list of numbers, or a file and its column")
    unknown = set(value) - {"path", "column", "where"}
    if unknown:
        raise ValueError(f"`{name}` has `{min(unknown)}`, which means nothing")
    path, column = value.get("path"), value.get("column")
    if not isinstance(path, str) or not isinstance(column, str):
        raise ValueError(f"`{name}` needs `path` and `column`, both texts")
    conditions = where(value.get("where"), name)
    return from_file(path, column, conditions)


def where(value: object, name: str) -> dict[str, set[str]]:
    """Which cells a row must have, by column."""
    if value is None:
        return {}
    wrong = ValueError(
        f"`{name}.where` gives for each column a text, or a list of texts"
    )
    if not isinstance(value, dict):
        raise wrong
    conditions = {}
    for column, wanted in value.items():
        texts = wanted if isinstance(wanted, list) else [wanted]
        if not all(isinstance(text, str) for text in texts):
            raise wrong
        conditions[column] = set(texts)
    return conditions


def number(value: object, what: str) -> float | None:
    """A number; a day is its number in the calendar, and an empty text is missing."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and NUMBER.fullmatch(value):
        value = float(value)
    elif isinstance(value, str) and DAY.fullmatch(value):
        try:
            value = date.fromisoformat(value).toordinal()
        except ValueError:
            raise ValueError(f"{what} is no day")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{what} is no number")
    if not abs(value) <= NUMBER_MAX:
        raise ValueError(f"{what} is too large a number")
    return float(value)


def shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def from_file(path: str, column: str, conditions: dict[str, set[str]]) -> Series:
    if not path.startswith("/") or ".." in path.split("/"):
        raise ValueError(f"{shown(path)} is not an absolute path without `..`")
    try:
        if os.stat(path).st_size > BYTES_MAX:
            raise Unreadable(f"{path} is larger than {BYTES_MAX} bytes")
        with open(path, encoding="utf-8", newline="") as file:
            return from_rows(file, path, column, conditions)
    except UnicodeDecodeError:
        raise Unreadable(f"{path} is not UTF-8 text")
    except csv.Error as error:
        raise Unreadable(f"{path} is not CSV: {error}")
    except OSError:
        raise Missing(f"there is no file {shown(path)}")


def from_rows(file, path: str, column: str, conditions: dict[str, set[str]]) -> Series:
    # Spreadsheets put a byte order mark in front of what they export.
    header = file.readline().removeprefix("\ufeff")
    # What stands most often in the header is between the cells.
    delimiter = max(DELIMITERS, key=header.count)
    names = [
        name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])
    ]
    for name in [column, *conditions]:
        if name not in names:
            there = ", ".join(f"`{name}`" for name in names[:50])
            raise ValueError(f"{path} has no column {shown(name)}; it has {there}")
    place = names.index(column)
    wanted = [(names.index(name), texts) for name, texts in conditions.items()]
    values: Series = []
    for row_number, row in enumerate(csv.reader(file, delimiter=delimiter), start=2):
        if not row:
            continue
        if len(row) != len(names):
            raise Unreadable(
                f"row {row_number} of {path} has {len(row)} cells, not {len(names)}"
            )
        if all(row[at].strip() in texts for at, texts in wanted):
            cell = row[place].strip()
            values.append(
                number(cell, f"row {row_number} of `{column}` is {shown(cell)}, which")
            )
            if len(values) > VALUES_MAX:
                raise ValueError(f"more than {VALUES_MAX} rows of {path} fit")
    return values


def pairs(x: Series, y: Series) -> tuple[list[float], list[float]]:
    """Two series without the places where one of them is missing."""
    if len(x) != len(y):
        raise ValueError(
            f"x has {len(x)} numbers and y has {len(y)}: they belong in pairs"
        )
    both = [(a, b) for a, b in zip(x, y) if a is not None and b is not None]
    return [a for a, _ in both], [b for _, b in both]
