"""What the pages show for a site's own page is run, with the answers of a real gateway."""

import json
import re
import subprocess
from typing import Any

from serving import serve_init
from support import InteropTest, snippet
from test_pages import pages

#: A browser's window: runs the scripts, then the steps, and tells what they did. A step is a script whose value is told.
BROWSER = """
const vm = require("vm");
const { scripts, steps, answers } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const story = [], timers = [];
const settled = () => new Promise(setImmediate);
const window = { PegaUnifiedChatWidget: { kept: true } };
const record = (name) => (...given) => { story.push([name, ...given]); };
window.talkativeApi = { interactionData: { setSignedInteractionData: record("signed data") } };
window.dgchat = { methods: { sendSystemMessage: record("message") } };
const fetch = async (url, { method, headers, body }) => {
  story.push(["asks", method, url, headers["Content-Type"], JSON.parse(body)]);
  const answer = answers.shift();
  if (answer === null) throw new TypeError("fetch failed");
  return { json: async () => JSON.parse(answer) };
};
const append = (script) => story.push([
  "loads", script, window.DG_CHAT_WIDGET_CONFIG ?? null, typeof window.PegaUnifiedChatWidget.onCreateSessionRequest,
]);
const context = vm.createContext({
  window, fetch, document: { head: { append }, createElement: (name) => ({ name }) },
  setTimeout: (run, delay) => { story.push(["waits", delay / 1000]); timers.push(run); },
  TalkativeEngageApi: { startChat: record("starts") }, time: () => timers.shift()(),
});
process.on("unhandledRejection", (error) => { throw error; });
(async () => {
  for (const script of scripts) vm.runInContext(script, context);
  await settled();
  for (const step of steps) {
    story.push(["returns", (await vm.runInContext(step, context)) ?? null]);
    await settled();
  }
  story.push(["kept", window.PegaUnifiedChatWidget.kept]);
  console.log(JSON.stringify(story));
})();
"""
ASKS = ["asks", "POST", "/chat", "application/json", {}]
DEFERS = [*ASKS[:4], {"defer": True}]
ENTER_STANDBY = "window.talkativeCustomConfig.events.enterStandby()"
OPEN = "window.PegaUnifiedChatWidget.onCreateSessionRequest()"
#: What a page gets where there is no badge: the endpoint's answer, another program's, and none.
WITHOUT = ['{"badge":null}', "<html>", None]


def scripts(page: str, name: str) -> list[str]:
    """The scripts of a snippet. The widget's own, if it is in there, comes after them."""
    text = snippet(page, name)
    inline = re.findall(r"<script>\n(.*?)</script>", text, re.DOTALL)
    if "<script src" in text:
        assert text.index("<script src") > text.rindex("<script>"), f"{page}: {name}"
    return inline or [text]


def page_of(vendor: str, *names: str) -> list[str]:
    """A page's scripts: the function of docs/login.md, then these snippets of the vendor's page, which call it."""
    named = [script for name in names for script in scripts(f"docs/{vendor}.md", name)]
    return [snippet("docs/login.md", "fetchBadge"), *named]


class ThePages(InteropTest):
    def setUp(self) -> None:
        super().setUp()
        self.signet("init")
        self.gateway = serve_init(self)
        self.token = (self.scratch / "keys" / "backend.token").read_text().strip()

    def answer(self, route: str, page: str = "{}", **identity: Any) -> str:
        status, _, body = self.gateway.request(
            "POST", f"/v1/routes/{route}/badge", {**(identity or {"subject": "12345"}), "page": page}, self.token
        )
        self.assertEqual(status, 200, body)
        return body.decode()

    def told(self, run: list[str], answers: list[str | None], *steps: str) -> list[Any]:
        given = json.dumps({"scripts": run, "answers": answers, "steps": steps})
        done = subprocess.run(["node", "-e", BROWSER], input=given, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        *story, kept = json.loads(done.stdout)
        self.assertEqual(kept, ["kept", True])
        return story

    def test_every_page_asks_the_same_endpoint(self) -> None:
        asked = [url for page in pages() for url in re.findall(r"fetch\((\S+?),", page.read_text())]
        self.assertEqual(set(asked) - {"`${gateway}/v1/routes/talkative/badge`"}, {'"/chat"'})
        self.assertEqual(len(asked), 3)

    def test_talkative(self) -> None:
        signed = self.answer("talkative")
        value = json.loads(signed)["badge"]["value"]
        run = page_of("talkative", "standby")
        story = self.told(run, [signed], ENTER_STANDBY)
        self.assertEqual(story, [ASKS, ["signed data", value], ["returns", None]])
        for without in [*WITHOUT, self.answer("talkative", anonymous=True)]:
            self.assertEqual(self.told(run, [without], ENTER_STANDBY), [ASKS, ["returns", None]], without)

    def test_talkative_before_standby(self) -> None:
        signed = self.answer("talkative")
        run = page_of("talkative", "engage")
        story = self.told(run, [signed], "startChat()")
        self.assertEqual(story[1], ["starts", {"signedInteractionData": json.loads(signed)["badge"]["value"]}])
        for without in [*WITHOUT, self.answer("talkative", anonymous=True)]:
            self.assertEqual(self.told(run, [without], "startChat()")[1], ["starts", {}], without)

    def test_dg(self) -> None:
        signed = self.answer("dg")
        value = json.loads(signed)["badge"]["value"]
        run = page_of("dg", "start", "refresh")
        for answer, metadata in [(signed, {"auth_token": value}), *((answer, {}) for answer in WITHOUT)]:
            asks, loads, *rest = self.told(run, [answer])
            self.assertEqual(asks, ASKS)
            self.assertEqual(loads[1], {"name": "script", "src": "https://chat.digitalgenius.com/init.js"})
            self.assertEqual(loads[2]["metadata"], metadata)
            self.assertEqual(loads[2]["env"], "eu")
            self.assertEqual(rest, [["waits", 720]] if metadata else [])
        visitor = self.told(run, [self.answer("dg", anonymous=True)])
        self.assertEqual([visitor[1][2]["metadata"], visitor[2:]], [{}, []])

    def test_dg_refreshes_until_the_logout_and_survives_a_hiccup(self) -> None:
        run = page_of("dg", "start", "refresh")
        answers = [self.answer("dg"), self.answer("dg"), *WITHOUT, self.answer("dg"), self.answer("dg", anonymous=True)]
        story = self.told(run, answers, *["time()"] * 6)[2:]
        told = [step[:2] if step[0] == "waits" else step[0] for step in story if step[0] != "returns"]
        fresh, hiccup = ["asks", "message", ["waits", 720]], ["asks", ["waits", 60]]
        self.assertEqual(told, [["waits", 720], *fresh, *hiccup * 3, *fresh, "asks"])
        sent = [step[1] for step in story if step[0] == "message"]
        self.assertEqual(sent[0], {"name": "auth_token", "payload": json.loads(answers[1])["badge"]["value"]})

    def test_pega(self) -> None:
        deferred, opened = self.answer("pega", '{"defer":true}'), self.answer("pega")
        self.assertIsNone(json.loads(deferred)["badge"]["value"])
        script = {"name": "script", "id": "pega-wm-chat", "src": json.loads(deferred)["badge"]["script"]}
        run = page_of("pega", "create")
        for answer, session in [(opened, json.loads(opened)["badge"]["value"]), *((none, None) for none in WITHOUT)]:
            asks, loads, *rest = self.told(run, [deferred, answer], OPEN)
            self.assertEqual(asks, DEFERS)
            self.assertEqual(loads, ["loads", script, None, "function"])
            self.assertEqual(rest, [ASKS, ["returns", session]], answer)
        for without in WITHOUT:
            self.assertEqual(self.told(run, [without]), [DEFERS], without)

    def test_pega_reports_its_session(self) -> None:
        run = page_of("pega", "create", "report")
        story = self.told(run, ['{"badge":null}'] * 2, 'window.PegaUnifiedChatWidget.onSessionInitialized("its-1")')
        self.assertEqual(story[1], [*ASKS[:4], {"sessionId": "its-1"}])
