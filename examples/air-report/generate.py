"""Makes the CSV files of the inbox: readings of eight stations, and the weather.

    python3 generate.py            write inbox/*.csv and inbox/exports/*.csv
    python3 generate.py --check    say whether they are what it would write

The notices in inbox/notices are written by hand. What is hidden in the data is listed in
README.md; another SEED gives other readings with the same things in them.
"""

import csv
import io
import math
import random
import sys
from datetime import date, timedelta
from pathlib import Path

SEED = 7
INBOX = Path(__file__).parent / "inbox"
FIRST_DAY = date(2026, 4, 6)
DAYS = 42
HOURS = range(0, 24, 4)

# Id, name, kind, and how much of the town's air and of its traffic a station sees.
STATIONS = [
    ("AQ-01", "Market Square", "traffic", 1.05, 4.2),
    ("AQ-02", "Mill Lane", "residential", 0.95, 1.2),
    ("AQ-03", "Station Road", "traffic", 1.00, 8.0),
    ("AQ-04", "Riverside Park", "background", 0.80, 0.0),
    ("AQ-05", "Harbour Gate", "industrial", 1.10, 3.0),
    ("AQ-06", "School Hill", "residential", 0.90, 0.8),
    ("AQ-07", "Weir Bridge", "traffic", 1.00, 3.4),
    ("AQ-08", "Old Brewery", "residential", 0.95, 1.6),
]

BYPASS_OPENS = date(2026, 4, 27)
BONFIRE = date(2026, 4, 30)
TEST_BENCH = date(2026, 4, 13)
MILLIGRAMS = date(2026, 4, 20)
MILLIVOLTS = date(2026, 5, 1)
STUCK = (date(2026, 5, 4), date(2026, 5, 8))


def weather(rng):
    """Wind and haze that come and go over days, temperature that rises into May."""
    rows, spell, haze = [], 0.0, 0.0
    for day in range(DAYS):
        spell = 0.5 * spell + rng.gauss(0, 0.35)
        haze = 0.4 * haze + rng.gauss(0, 0.14)
        for hour in HOURS:
            sun = math.sin((hour - 8) / 24 * 2 * math.pi)
            wind = max(0.2, 3.4 * math.exp(spell) + 0.6 * sun + rng.gauss(0, 0.3))
            warm = 8 + 0.14 * day + 5 * sun + rng.gauss(0, 0.8)
            rows.append((FIRST_DAY + timedelta(day), hour, wind, warm, math.exp(haze)))
    return rows


def traffic(day, hour):
    """The share of a working day's traffic."""
    rush = {0: 0.2, 4: 0.5, 8: 1.7, 12: 1.1, 16: 1.8, 20: 0.7}[hour]
    return rush * (0.7 if day.weekday() >= 5 else 1.0)


def reading(rng, station, day, hour, wind, haze):
    """The air at a station, in micrograms per cubic metre."""
    name, _, _, share, street = station
    if name == "AQ-03" and day >= BYPASS_OPENS:
        street *= 0.4
    air = 14.0 * math.exp(-0.12 * wind) * haze * share
    air += street * traffic(day, hour) * math.exp(-0.05 * wind)
    if name == "AQ-06":
        air += 0.1 * (day - FIRST_DAY).days
    if name == "AQ-04" and day == BONFIRE and hour >= 16:
        air += 95.0
    if name == "AQ-05" and day >= TEST_BENCH:
        air = (12.0, 30.0, 55.0)[(hour // 4) % 3]
    return max(0.4, air * (1 + rng.gauss(0, 0.07)) + rng.gauss(0, 0.4))


def as_written(rng, station, day, hour, value):
    """The cell as the station writes it: its unit, its faults, its gaps."""
    name = station[0]
    if (
        name == "AQ-08"
        and (STUCK[0], 8) <= (day, hour)
        and (day, hour) <= (STUCK[1], 12)
    ):
        return "187.4"
    if rng.random() < 0.012:
        return ""
    if name == "AQ-07" and day >= MILLIGRAMS:
        return f"{value / 1000:.4f}"
    return f"{value:.1f}"


def files():
    """All files, by path in the inbox."""
    rng = random.Random(SEED)
    conditions = weather(rng)
    made = {
        "stations.csv": [
            ("station", "name", "kind"),
            *[station[:3] for station in STATIONS],
        ],
        "weather.csv": [("date", "time", "wind_mps", "temperature_c")],
    }
    for day, hour, wind, warm, _ in conditions:
        made["weather.csv"].append((day, f"{hour:02}:00", f"{wind:.1f}", f"{warm:.1f}"))
    for station in STATIONS:
        name, battery = station[0], 12.9
        rows = [("station", "date", "time", "pm25", "battery_v")]
        for day, hour, wind, _, haze in conditions:
            value = reading(rng, station, day, hour, wind, haze)
            cell = as_written(rng, station, day, hour, value)
            battery -= 0.002 + 0.001 * rng.random()
            millivolts = name == "AQ-02" and day >= MILLIVOLTS
            charge = f"{battery * 1000:.0f}" if millivolts else f"{battery:.2f}"
            rows.append((name, day, f"{hour:02}:00", cell, charge))
        made[f"exports/{name.lower()}.csv"] = rows
    return {path: text_of(rows) for path, rows in made.items()}


def text_of(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def main():
    stale = []
    for path, text in files().items():
        file = INBOX / path
        if "--check" in sys.argv[1:]:
            if not file.is_file() or file.read_text(encoding="utf-8") != text:
                stale.append(path)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    if stale:
        sys.exit(f"not what generate.py writes: {', '.join(stale)}")


if __name__ == "__main__":
    main()
