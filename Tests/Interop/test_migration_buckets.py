"""Which customers a percentage takes: the vectors, and the functions of docs/reference in three languages."""

import json
import unittest
from typing import Any

import mmh3

import make_migration_vectors as vectors
from bucket_languages import LANGUAGES, InJavaScript, InPython, InSQL

SUBJECTS = 200_000
PERCENTS = ["0.5", "2.007", "12.5", "50", "87.5"]


def fixture(name: str) -> Any:
    return json.loads((vectors.FOLDER / name).read_text())


class TheVectors(unittest.TestCase):
    def test_they_are_what_mmh3_and_decimal_compute(self) -> None:
        for name, text in vectors.files().items():
            with self.subTest(name):
                self.assertEqual((vectors.FOLDER / name).read_text(encoding="utf-8"), text)

    def test_mmh3_is_the_published_algorithm(self) -> None:
        # SMHasher's own check of an implementation, and the value it has for MurmurHash3_x86_32.
        hashes = (mmh3.hash(bytes(range(length)), 256 - length, signed=False) for length in range(256))
        together = b"".join(value.to_bytes(4, "little") for value in hashes)
        self.assertEqual(mmh3.hash(together, 0, signed=False), 0xB0F57EE3)

    def test_they_reach_what_is_easily_got_wrong(self) -> None:
        inputs = [bytes.fromhex(row["bytes"]) for row in fixture("murmur3.json")]
        self.assertGreaterEqual({len(data) for data in inputs}, set(range(21)))
        for tail in (1, 2, 3):
            self.assertTrue(any(len(data) % 4 == tail and data[-1] >= 0x80 for data in inputs))
        published = {row["bytes"]: row["hash"] for row in fixture("murmur3.json") if row["published"]}
        self.assertEqual(published, {data.hex(): value for data, value in vectors.PUBLISHED.items()})
        places = {(row["salt"], row["value"]): row["bucket"] for row in fixture("buckets.json")}
        self.assertNotEqual(places["help", "zo\u00eb"], places["help", "zoe\u0308"])
        self.assertEqual(places["a:b", "c"], places["a", "b:c"])
        self.assertIn(256, {len(value.encode()) for _, value in places})
        accepted = fixture("percentages.json")["accepted"]
        for row in accepted:
            self.assertTrue(row["edges"])
            for edge in row["edges"]:
                self.assertEqual(vectors.bucket(edge["salt"], edge["value"]), edge["bucket"])
        floats = [row["text"] for row in accepted if int(float(row["text"]) * 1000) != row["thousandths"]]
        self.assertGreater(len(floats), 3, "no percentage shows what floating point gets wrong")


class EveryLanguage(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.languages = {}
        for name, make in LANGUAGES.items():
            cls.languages[name] = make()
            cls.addClassCleanup(cls.languages[name].stop)

    def test_hashes(self) -> None:
        rows = fixture("murmur3.json")
        for name, language in self.languages.items():
            with self.subTest(name):
                self.assertEqual(
                    language.hashes([bytes.fromhex(row["bytes"]) for row in rows]), [row["hash"] for row in rows]
                )

    def test_buckets(self) -> None:
        rows = fixture("buckets.json")
        for name, language in self.languages.items():
            with self.subTest(name):
                self.assertEqual(
                    language.buckets([(row["salt"], row["value"]) for row in rows]), [row["bucket"] for row in rows]
                )

    def test_the_customers_at_the_edge_of_a_percentage(self) -> None:
        edges = [(edge, row["text"]) for row in fixture("percentages.json")["accepted"] for edge in row["edges"]]
        for name, language in self.languages.items():
            with self.subTest(name):
                answers = language.inside([(edge["salt"], edge["value"], text) for edge, text in edges])
                self.assertEqual(answers, [edge["in"] for edge, _ in edges])

    def test_what_is_no_percentage_is_refused(self) -> None:
        texts = fixture("percentages.json")["refused"]
        for name, language in self.languages.items():
            with self.subTest(name):
                answers = language.inside([("help", "12345", text) for text in texts])
                self.assertEqual([text for text, answer in zip(texts, answers) if answer is not None], [])

    def test_shares_are_what_they_say_and_raising_moves_nobody_back(self) -> None:
        expected = [
            sum(vectors.bucket("help", f"customer-{n}") < (vectors.thousandths(text) or 0) for n in range(SUBJECTS))
            for text in PERCENTS
        ]
        for text, count in zip(PERCENTS, expected):
            self.assertAlmostEqual(count / SUBJECTS * 100, float(text), delta=0.5)
        for name, language in self.languages.items():
            with self.subTest(name):
                self.assertEqual(language.shares("help", SUBJECTS, PERCENTS), (expected, 0))


class WhatALanguageBringsAlong(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.database = InSQL()
        cls.addClassCleanup(cls.database.stop)

    def test_half_a_surrogate_pair_is_an_error(self) -> None:
        with self.assertRaises(UnicodeEncodeError):
            InPython().buckets([("help", "a\ud83d")])
        for page in (False, True):
            for half in ("\ud83d", "\udc4b", "\udc4b\ud83d"):
                with self.subTest(half=ascii(half), page=page), self.assertRaisesRegex(AssertionError, "surrogate"):
                    InJavaScript(page).buckets([("help", half)])

    def test_a_number_is_no_percentage(self) -> None:
        self.assertEqual(InJavaScript().inside([("help", "1", 12.5), ("help", "1", None)]), [None, None])  # type: ignore
        with self.assertRaises(TypeError):
            InPython().inside([("help", "1", 12.5)])  # type: ignore

    def test_sql_counts_who_is_where_and_leaves_nulls_out(self) -> None:
        counted = self.database.server.sql(
            """create temporary table customers (id text);
            insert into customers select 'customer-' || n from generate_series(0, 999) as n union all select null;
            select count(*) filter (where signet_in('help', id, '12.5')), count(*) from customers;"""
        )
        expected = sum(vectors.bucket("help", f"customer-{n}") < 12_500 for n in range(1000))
        self.assertEqual(counted.split(), [str(expected), "1001"])

    def test_sql_may_stand_in_an_index_and_run_in_parallel(self) -> None:
        kinds = self.database.server.sql(
            "select distinct provolatile, proisstrict, proparallel from pg_proc where proname like 'signet%';"
            "create table customers (id text); create index on customers (signet_bucket('help', id));"
        )
        self.assertEqual(kinds.split(), ["i", "t", "s"])

    def test_sql_means_utf_8_in_a_database_of_another_encoding(self) -> None:
        sql = self.database.server.sql
        sql("create database western encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C';")
        functions = (vectors.REPOSITORY / "docs" / "reference" / "bucket.sql").read_text()
        found = sql(f"\\connect western\nset client_encoding to 'UTF8';\n{functions}\nselect signet_bucket('help', 'zo\u00eb');")
        self.assertEqual(int(found), vectors.bucket("help", "zo\u00eb"))
