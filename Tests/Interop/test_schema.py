"""The JSON Schema is one, and says of a configuration what signet says."""

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from configurations import AT_THE_MEMBER, BAD, BASE, BEYOND_A_SCHEMA, GOOD, NOT_THERE_YET, Change, changed, without_comments
from support import InteropTest


def subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema and everything in it that describes a value."""
    yield schema
    for part in list(schema.get("properties", {}).values()) + schema.get("oneOf", []) + schema.get("allOf", []):
        yield from subschemas(part)
    for name in ("items", "additionalProperties", "then", "else"):
        if isinstance(schema.get(name), dict):
            yield from subschemas(schema[name])


class TheSchemaAgreesWithSignet(InteropTest):
    def setUp(self) -> None:
        super().setUp()
        self.schema = self.signet("vendors", "--schema").json
        self.validator = Draft202012Validator(self.schema)

    def accepts(self, configuration: Any) -> bool:
        return self.validator.is_valid(configuration)

    def reads(self, change: Change, status: int) -> str:
        """Has signet read the configuration, and no key of it."""
        self.write_json("signet.json", changed(change))
        return self.signet("explain", "r", status=status).err

    def test_it_is_a_schema_of_draft_2020_12(self) -> None:
        self.assertEqual(self.schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
        Draft202012Validator.check_schema(self.schema)

    def test_every_default_and_every_example_in_it_fits(self) -> None:
        checked = 0
        for part in subschemas(self.schema):
            for value in part.get("examples", []) + ([part["default"]] if "default" in part else []):
                with self.subTest(title=part.get("title"), value=value):
                    self.assertEqual([error.message for error in Draft202012Validator(part).iter_errors(value)], [])
                    checked += 1
        self.assertGreater(checked, 40)

    def test_every_member_has_a_title_and_a_description(self) -> None:
        for part in subschemas(self.schema):
            for name, member in part.get("properties", {}).items():
                with self.subTest(name):
                    self.assertTrue(member.get("title") and member.get("description"))

    def test_inits_configuration_fits_and_works(self) -> None:
        self.signet("init")
        self.signet("check")
        text = (self.scratch / "signet.json").read_text()
        configuration = json.loads(without_comments(text))
        self.assertTrue(self.accepts(configuration))
        # An editor finds the schema where the configuration says it is.
        schema = json.loads((self.scratch / configuration["$schema"]).read_text())
        self.assertEqual(schema, self.schema)

    def test_what_is_left_of_a_configuration_without_comments_means_the_same(self) -> None:
        awkward = '{ "a": "// no, /* a \\" string */ ,]", /* b, */ "c": [1, 2, /* d */ ], // "e"\n }'
        self.assertEqual(json.loads(without_comments(awkward)), {"a": '// no, /* a " string */ ,]', "c": [1, 2]})

    def test_good_configurations_are_accepted_by_both(self) -> None:
        self.assertTrue(self.accepts(BASE))
        for change in GOOD + NOT_THERE_YET:
            with self.subTest(change):
                self.reads(change, 0)
                self.assertEqual([error.message for error in self.validator.iter_errors(changed(change))], [])

    def test_bad_configurations_are_refused_by_both(self) -> None:
        for change in BAD:
            with self.subTest(change):
                self.assertRegex(self.reads(change, 2), r"(?m)^signet\.json:\d+:\d+: error: ")
                self.assertFalse(self.accepts(changed(change)))

    def test_a_mistake_in_a_connection_is_reported_at_the_member(self) -> None:
        for change, place, named in AT_THE_MEMBER:
            with self.subTest(change):
                errors = list(self.validator.iter_errors(changed(change)))
                self.assertEqual(["/".join(map(str, error.absolute_path)) for error in errors], [place])
                self.assertIn(named, errors[0].message)

    def test_what_a_schema_cannot_say_signet_says(self) -> None:
        for change in BEYOND_A_SCHEMA:
            with self.subTest(change):
                self.assertRegex(self.reads(change, 2), r"(?m)^signet\.json:\d+:\d+: error: ")
                self.assertTrue(self.accepts(changed(change)))
