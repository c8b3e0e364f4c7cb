"""Run with: python3 -m unittest"""

import math
import unittest

import formulas
import student
from formulas import Unsuitable

# NIST's Norris data: certified slope and intercept of a calibration of ozone monitors.
NORRIS_X = [
    0.2,
    337.4,
    118.2,
    884.6,
    10.1,
    226.5,
    666.3,
    996.3,
    448.6,
    777.0,
    558.2,
    0.4,
]
NORRIS_X += [
    0.6,
    775.5,
    666.9,
    338.0,
    447.5,
    11.6,
    556.0,
    228.1,
    995.8,
    887.6,
    120.2,
    0.3,
]
NORRIS_X += [
    0.3,
    556.8,
    339.1,
    887.2,
    999.0,
    779.0,
    11.1,
    118.3,
    229.2,
    669.1,
    448.9,
    0.5,
]
NORRIS_Y = [
    0.1,
    338.8,
    118.1,
    888.0,
    9.2,
    228.1,
    668.5,
    998.5,
    449.1,
    778.9,
    559.2,
    0.3,
]
NORRIS_Y += [
    0.1,
    778.1,
    668.8,
    339.3,
    448.9,
    10.8,
    557.7,
    228.3,
    998.0,
    888.8,
    119.6,
    0.3,
]
NORRIS_Y += [
    0.6,
    557.6,
    339.3,
    888.0,
    998.5,
    778.9,
    10.2,
    117.6,
    228.9,
    668.4,
    449.2,
    0.2,
]

# Two groups from the literature on Welch's test: t = 2.46, 25 degrees of freedom, p = 0.021.
WELCH_A = [
    27.5,
    21.0,
    19.0,
    23.6,
    17.0,
    17.9,
    16.9,
    20.1,
    21.9,
    22.6,
    23.1,
    19.6,
    19.0,
    21.7,
    21.4,
]
WELCH_B = [
    27.1,
    22.0,
    20.8,
    23.4,
    23.4,
    23.5,
    25.8,
    22.0,
    24.8,
    20.2,
    21.9,
    22.1,
    22.9,
    20.5,
    24.4,
]


class Student(unittest.TestCase):
    def test_quantiles_are_those_of_the_tables(self):
        for df, expected in [(1, 12.7062047362), (2, 4.3026527297), (10, 2.2281388520)]:
            self.assertAlmostEqual(student.quantile(0.95, df), expected, 9)
        self.assertAlmostEqual(student.quantile(0.95, 1e6), 1.9599664, 6)
        self.assertAlmostEqual(student.quantile(0.99, 29), 2.7563859037, 9)

    def test_probabilities_are_exact_where_there_is_a_formula(self):
        for t in [0.0, 0.1, 1.0, 5.0, 100.0]:
            cauchy = 1 - 2 * math.atan(t) / math.pi
            self.assertAlmostEqual(student.two_sided(t, 1), cauchy, 12)
            two = 1 - t / math.sqrt(2 + t * t)
            self.assertAlmostEqual(student.two_sided(-t, 2), two, 12)
        self.assertEqual(student.two_sided(math.inf, 5), 0)


class Summary(unittest.TestCase):
    def test_spread_and_quartiles(self):
        result = formulas.summary([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0], missing=1)
        self.assertEqual((result["n"], result["missing"], result["mean"]), (8, 1, 5))
        self.assertAlmostEqual(result["sd"], math.sqrt(32 / 7))
        spread = [result[name] for name in ("min", "q1", "median", "q3", "max")]
        self.assertEqual(spread, [2, 4, 4.5, 5.5, 9])
        half = 2.3646242510 * math.sqrt(32 / 7 / 8)
        self.assertAlmostEqual(result["mean_high"] - 5, half, 8)

    def test_large_numbers_keep_their_small_differences(self):
        # NIST's NumAcc4: the standard deviation is 0.1 exactly.
        values = [10000000.2] + [10000000.1, 10000000.3] * 500
        result = formulas.summary(values)
        self.assertAlmostEqual(result["mean"], 10000000.2, 8)
        self.assertAlmostEqual(result["sd"], 0.1, 8)

    def test_one_number_has_no_spread(self):
        result = formulas.summary([3.0])
        self.assertEqual((result["mean"], result["sd"], result["q3"]), (3, None, 3))
        with self.assertRaises(Unsuitable):
            formulas.summary([])


class Trend(unittest.TestCase):
    def test_the_certified_line_is_found(self):
        result = formulas.trend(NORRIS_X, NORRIS_Y)
        self.assertAlmostEqual(result["slope"], 1.00211681802045, 11)
        self.assertAlmostEqual(result["intercept"], -0.262323073774029, 9)
        self.assertAlmostEqual(result["residual_sd"], 0.884796396144373, 11)
        self.assertAlmostEqual(result["r_squared"], 0.999993745883712, 12)
        half = student.quantile(0.95, 34) * 0.429796848199937e-03
        self.assertAlmostEqual(result["slope_high"] - result["slope"], half, 11)

    def test_a_perfect_line_and_a_flat_one(self):
        line = formulas.trend([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
        self.assertEqual((line["slope"], line["slope_low"], line["p_value"]), (2, 2, 0))
        flat = formulas.trend([1.0, 2.0, 3.0], [5.0, 5.0, 5.0])
        self.assertEqual(
            (flat["slope"], flat["p_value"], flat["r_squared"]), (0, 1, None)
        )
        with self.assertRaises(Unsuitable):
            formulas.trend([1.0, 1.0, 1.0], [1.0, 2.0, 3.0])


class Outliers(unittest.TestCase):
    def test_outliers_do_not_hide_each_other(self):
        values = [10.0, 11.0, 9.0, None, 10.5, 187.4, None, 187.4, 9.5, 10.0, -50.0]
        result = formulas.outliers(values, 3.5)
        self.assertEqual([one["index"] for one in result["outliers"]], [5, 7, 10])
        self.assertEqual(
            result["runs"],
            [{"from": 5, "to": 7, "count": 2}, {"from": 10, "to": 10, "count": 1}],
        )
        self.assertEqual((result["n"], result["median"]), (9, 10))
        self.assertAlmostEqual(result["scale"], 1.4826)

    def test_equal_numbers_are_no_reason_to_divide_by_zero(self):
        result = formulas.outliers([1.0] * 20 + [2.0], 3.5)
        self.assertEqual(result["method"], "mean-distance")
        self.assertEqual([one["index"] for one in result["outliers"]], [20])
        self.assertEqual(formulas.outliers([1.0] * 5, 3.5)["outliers"], [])


class Correlation(unittest.TestCase):
    # The first of Anscombe's sets.
    X = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0]
    Y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]

    def test_both_coefficients_with_an_interval(self):
        result = formulas.correlation(self.X, self.Y)
        self.assertAlmostEqual(result["pearson"], 0.81642051634484, 12)
        self.assertAlmostEqual(result["spearman"], 0.81818181818182, 12)
        self.assertAlmostEqual(result["p_value"], 0.00216962887308, 12)
        half = 1.959963984540054 / math.sqrt(8)
        self.assertAlmostEqual(
            math.atanh(result["pearson_high"]) - math.atanh(0.81642051634484), half
        )

    def test_equal_numbers_share_their_ranks(self):
        self.assertEqual(formulas.ranks([3.0, 1.0, 3.0, 2.0]), [3.5, 1, 3.5, 2])

    def test_a_perfect_one_and_none_at_all(self):
        falling = formulas.correlation([1.0, 2.0, 3.0, 4.0], [8.0, 6.0, 4.0, 2.0])
        self.assertEqual((falling["pearson"], falling["pearson_high"]), (-1, -1))
        with self.assertRaises(Unsuitable):
            formulas.correlation([1.0, 1.0, 1.0, 1.0], [1.0, 2.0, 3.0, 4.0])


class Compare(unittest.TestCase):
    def test_welch_is_as_published(self):
        result = formulas.compare(WELCH_A, WELCH_B, 0, 1)
        self.assertAlmostEqual(result["t"], 2.46, 2)
        self.assertAlmostEqual(result["df"], 25.0, 1)
        self.assertAlmostEqual(result["p_value"], 0.021, 3)
        self.assertIsNone(result["permutation"])
        self.assertGreater(result["difference_low"], 0)

    def test_a_few_numbers_are_permuted_in_every_way(self):
        result = formulas.compare([1.0, 2.0, 3.0], [7.0, 8.0, 9.0], 100, 1)[
            "permutation"
        ]
        # Of the 20 ways to draw 3 of 6, only these groups and their exchange differ as much.
        self.assertEqual(result, {"p_value": 0.1, "permutations": 20, "exact": True})

    def test_more_than_can_be_drawn_in_time_is_refused(self):
        many = [float(at % 7) for at in range(5_000)]
        with self.assertRaisesRegex(Unsuitable, "at most 1000"):
            formulas.compare(many, many, 1001, 1)
        self.assertIsNone(formulas.few_ways(200_000, 100_000))
        self.assertEqual(formulas.few_ways(6, 3), 20)

    def test_many_numbers_are_drawn_the_same_way_each_time(self):
        first = formulas.compare(WELCH_A, WELCH_B, 2000, 1)["permutation"]
        self.assertEqual(
            first, formulas.compare(WELCH_A, WELCH_B, 2000, 1)["permutation"]
        )
        self.assertFalse(first["exact"])
        self.assertAlmostEqual(first["p_value"], 0.021, delta=0.012)

    def test_groups_of_different_sizes_are_the_same_from_both_sides(self):
        a, b = [1.0, 2.0, 3.5], [2.0, 4.0, 5.0, 7.0, 8.0]
        one, other = formulas.compare(a, b, 10, 1), formulas.compare(b, a, 10, 1)
        self.assertAlmostEqual(one["p_value"], other["p_value"], 14)
        self.assertEqual(one["permutation"], other["permutation"])

    def test_numbers_without_spread_cannot_be_tested(self):
        with self.assertRaises(Unsuitable):
            formulas.compare([1.0, 1.0], [2.0, 2.0], 0, 1)


if __name__ == "__main__":
    unittest.main()
