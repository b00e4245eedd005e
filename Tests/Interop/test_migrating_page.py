"""docs/migrating.md: its configurations pass the check, its programs run, its commands and metrics exist."""

import hashlib
import json
import re
import subprocess
from typing import Any

from postgres import Postgres
from serving import Serving
from support import REPOSITORY, InteropTest, snippet

PAGE = (REPOSITORY / "docs" / "migrating.md").read_text()
TOKEN = "signet_" + "A" * 43

#: What the page's chat() does, told step by step; `answers` are what the site's endpoint says, in order.
BROWSER = """
const { script, steps } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const story = [], stored = new Map();
let answer, reloads = 0;
const localStorage = {
  getItem: (name) => stored.get(name) ?? null, setItem: (name, value) => stored.set(name, value), removeItem: (name) => stored.delete(name),
};
const fetch = async (url, request) => {
  story.push(["asks", JSON.parse(request.body)]);
  if (answer === "fails") throw new TypeError("fetch failed");
  return { json: async () => answer };
};
const endWidget = (vendor) => story.push(["ends", vendor]);
const location = { reload: () => { story.push(["reloads"]); reloads += 1; } };
let clock = 1_700_000_000_000;
Date.now = () => clock;
const load = new Function("localStorage", "fetch", "endWidget", "location", script + "; return { chat, conversationBegan, conversationEnded };");
let page = load(localStorage, fetch, endWidget, location);
(async () => {
  for (const step of steps) {
    if (step.answer) {
      answer = step.answer;
      const badge = await page.chat(step.page);
      story.push(["has", badge ? badge.connection : null]);
      if (reloads) { page = load(localStorage, fetch, endWidget, location); reloads = 0; }
    } else if (step.minutes) clock += step.minutes * 60_000;
    else if (step.load) page = load(localStorage, fetch, endWidget, location);
    else page[step.call]();
  }
  console.log(JSON.stringify(story));
})();
"""


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", PAGE, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


def badge(connection: str | None, subject: str | None = "ada") -> dict[str, Any]:
    if connection is None:
        return {"badge": None}
    kind = {"dg": "authToken", "talkative": "signedInteractionData", "pega": "sessionId"}[connection]
    return {"connection": connection, "vendor": connection, "subjectTag": subject, "badge": {"kind": kind}}


class TheMigratingPage(InteropTest):
    def setUp(self) -> None:
        super().setUp()
        self.configuration, *self.routes = [json.loads(text) for text in blocks("json")]

    def lay_out(self) -> None:
        """The keys and lists that the configurations name."""
        self.signet("keys", "generate", "talkative-uk-2026")
        self.signet("keys", "generate", "log-digest", "--algorithm", "hs256")
        self.write("keys/pega-us.secret", "pega, a secret of the tests, not Pega's")
        self.write("keys/dg-eu.secret", "dg, a secret of the tests, and not DG's")
        self.write("stay.txt", "12346\n12347\n")

    def test_its_configurations_pass_the_check(self) -> None:
        self.lay_out()
        self.assertEqual(len(self.routes), 3)
        for route in [self.configuration["routes"]["help"], *self.routes]:
            with self.subTest(route):
                self.write_json("signet.json", {**self.configuration, "routes": {"help": route}})
                answer = self.signet("check", "--output", "json").json
                self.assertEqual((answer["valid"], answer["errors"], answer["warnings"]), (True, [], []))
                self.assertEqual({check["result"] for check in answer["checks"]}, {"ok"})

    def test_each_move_of_the_page_is_configured(self) -> None:
        ends = [(route["migrate"]["from"], route["migrate"]["to"]) for route in self.routes]
        self.assertEqual(ends, [("pega-us", "talkative-uk"), ("talkative-uk", "dg-eu"), ("dg-eu", "pega-us")])

    def test_its_commands_exist(self) -> None:
        named = set(re.findall(r"\bsignet ((?:migrate|keys) [a-z]+|check|explain)\b", PAGE))
        self.assertGreaterEqual(named, {"migrate advance", "migrate back", "keys rotate", "keys retire", "check"})
        for command in sorted(named):
            with self.subTest(command):
                help_text = self.signet(*command.split(), "--help").out
                flags = re.findall(rf"signet {command}[^`\n]*", PAGE)
                for flag in {flag for line in flags for flag in re.findall(r"--[a-z]+", line)}:
                    self.assertIn(flag, help_text)

    def test_its_steps_can_be_taken_in_its_order_and_switched_off_from_anywhere(self) -> None:
        self.lay_out()
        steps = re.findall(r"^signet (migrate advance .*?)(?:  .*)?$", PAGE, re.MULTILINE)
        self.assertGreater(len(steps), 5)
        (off,) = set(re.findall(r"`signet (migrate back help --stage off --force)`", PAGE))
        path = self.write_json("signet.json", self.configuration)
        for step in steps:
            self.signet(*step.split())
            advanced = path.read_text()
            if json.loads(advanced)["routes"]["help"]["migrate"]["stage"] != "off":
                self.signet(*off.split())
                self.assertEqual(json.loads(path.read_text())["routes"]["help"]["migrate"]["stage"], "off")
                path.write_text(advanced)
        self.assertEqual(json.loads(path.read_text())["routes"]["help"]["migrate"]["stage"], "complete")
        for _ in range(2):
            self.signet("migrate", "back", "help")
        back = json.loads(path.read_text())["routes"]["help"]["migrate"]
        self.assertEqual((back["stage"], back["percent"]), ("live", 100))

    def test_its_metrics_exist(self) -> None:
        self.lay_out()
        caller = {"name": "shop", "tokenSha256": [hashlib.sha256(TOKEN.encode()).hexdigest()], "routes": ["*"]}
        # Both sides without anybody to call, and a stage in which there is something to count.
        route = {"migrate": {"from": "dg-eu", "to": "talkative-uk", "stage": "live", "percent": 50}}
        changes = {"listen": "systemd", "admin": {"listen": "systemd"}, "callers": [caller], "routes": {"help": route}}
        gateway = Serving(self.write_json("signet.json", {**self.configuration, **changes}))
        self.addCleanup(gateway.stop)
        for subject in range(20):
            status, _, body = gateway.request("POST", "/v1/routes/help/badge", {"subject": str(subject)}, TOKEN)
            self.assertEqual(status, 200, body)
        text = gateway.get("/metrics", admin=True)[2].decode()
        named = set(re.findall(r"signet_migration_[a-z_]+", PAGE))
        self.assertGreater(len(named), 3)
        for name in sorted(named):
            with self.subTest(name):
                self.assertIn(f"# TYPE {name.removesuffix('_bucket')} ", text)

    def test_its_sql_runs(self) -> None:
        database = Postgres()
        self.addCleanup(database.stop)
        functions = (REPOSITORY / "docs" / "reference" / "bucket.sql").read_text()
        customers = "create table customers (id text); insert into customers select generate_series(0, 9999);"
        (queries,) = blocks("sql")
        counts, *moved = database.sql(functions + customers + queries).splitlines()
        new, everybody = map(int, counts.split("\t"))
        self.assertEqual(everybody, 10_000)
        self.assertAlmostEqual(new, 1250, delta=150)
        self.assertAlmostEqual(len(moved), 400, delta=100)

    # MARK: The page's program

    def told(self, *steps: dict[str, Any]) -> list[Any]:
        given = json.dumps({"script": snippet("docs/migrating.md", "page"), "steps": steps})
        done = subprocess.run(["node", "-e", BROWSER], input=given, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_a_page_names_what_it_has_loaded_and_goes_on_without_a_badge(self) -> None:
        story = self.told(
            {"answer": badge("pega"), "page": {"defer": True}}, {"answer": badge("pega")}, {"answer": badge(None)},
            {"answer": "fails"},
        )
        pega = [["asks", {"ongoing": "pega"}], ["has", "pega"]]
        self.assertEqual(story, [["asks", {"defer": True}], ["has", "pega"], *pega * 3])

    def test_a_conversation_is_named_until_it_ends_also_by_a_fresh_page(self) -> None:
        began, ended = {"call": "conversationBegan"}, {"call": "conversationEnded"}
        dg, load = {"answer": badge("dg")}, {"load": True}
        story = self.told(dg, began, load, dg, ended, load, dg)
        self.assertEqual([step[1] for step in story if step[0] == "asks"], [{}, {"ongoing": "dg"}, {}])

    def test_another_vendor_gets_a_fresh_page(self) -> None:
        # A kill switch while the page is open; then a fallback at the moment when the chat opens.
        for old, first, new in (("dg", {}, "talkative"), ("pega", {"defer": True}, "dg")):
            story = self.told({"answer": badge(old), "page": first}, {"answer": badge(new)}, {"answer": badge(new)})
            self.assertEqual(story, [
                ["asks", first], ["has", old], ["asks", {"ongoing": old}], ["ends", old], ["reloads"], ["has", None],
                ["asks", {"ongoing": new}], ["has", new],
            ])

    def test_another_customer_and_a_logout_get_a_fresh_page(self) -> None:
        for next_one in ("grace", None):
            answer = {"answer": badge("dg", next_one)}
            story = self.told({"answer": badge("dg", "ada")}, {"call": "conversationBegan"}, answer, answer)
            self.assertEqual(story[3:], [["ends", "dg"], ["reloads"], ["has", None], ["asks", {}], ["has", "dg"]])

    def test_a_conversation_survives_a_moment_of_the_new_vendor(self) -> None:
        fallback = {"answer": {**badge("dg"), "decision": {"side": "from", "reason": "fallback"}}}
        pega = {"answer": badge("pega")}
        story = self.told(pega, {"call": "conversationBegan"}, fallback, pega)
        asks = ["asks", {"ongoing": "pega"}]
        self.assertEqual(story, [["asks", {}], ["has", "pega"], asks, ["has", "pega"], asks, ["has", "pega"]])
        # Without one the page changes over, and does not stay there for ever.
        story = self.told(pega, fallback, pega, {"minutes": 2}, {"load": True}, pega)
        self.assertIn(["ends", "pega"], story)
        self.assertEqual(story[-2:], [["asks", {}], ["has", "pega"]])

    def test_a_login_goes_on(self) -> None:
        stranger = {**badge("dg", None), "badge": {"kind": "none"}}
        story = self.told({"answer": stranger}, {"answer": badge("dg", "ada")})
        self.assertEqual(story, [["asks", {}], ["has", "dg"], ["asks", {"ongoing": "dg"}], ["has", "dg"]])
