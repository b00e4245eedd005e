"""The completion scripts parse in their shells and offer what there is."""

import os
import pty
import select
import shutil
import unittest

from support import SIGNET, InteropTest, run

ZSH_SETUP = """
autoload -U compinit
compinit -u -D
source signet.zsh
signet() { print -r -- "$*" > completed; exit }
PS1=READY
"""

ZSH_TYPING = """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'source setup.zsh'
zpty -r shell seen '*READY*'
zpty -w -n shell "$1"$'\\t'
zpty -w -n shell $'\\r'
while zpty -t shell; do zpty -r -t shell seen; sleep 0.02; done
"""


class CompletionsWork(InteropTest):
    def setUp(self) -> None:
        super().setUp()
        for shell in ("bash", "zsh", "fish"):
            self.assertIsNotNone(shutil.which(shell), f"{shell} is missing: make interop-deps")
            self.write(f"signet.{shell}", self.signet("completions", shell).out)

    def shell(self, *command: str) -> list[str]:
        """Runs a shell in the scratch folder, with that for a home, and gives its lines."""
        clean = ["env", "-i", f"HOME={self.scratch}", f"PATH={SIGNET.parent}:/usr/local/bin:/usr/bin:/bin", "TERM=dumb"]
        return self.ran(run(*clean, *command, cwd=self.scratch), 0, command).out.splitlines()

    def test_they_parse(self) -> None:
        self.shell("bash", "-n", "signet.bash")
        self.shell("zsh", "-n", "signet.zsh")
        self.shell("fish", "--no-execute", "signet.fish")

    def fish(self, line: str) -> set[str]:
        """What fish offers for a line, without the descriptions."""
        offered = self.shell("fish", "--no-config", "-c", f"source signet.fish; complete -C '{line}'")
        return {word.split("\t")[0] for word in offered}

    def bash(self, *words: str) -> set[str]:
        """What bash offers for the last of the words."""
        quoted = " ".join(f"'{word}'" for word in words)
        line = " ".join(words)
        script = (
            "source signet.bash; "
            f"COMP_WORDS=({quoted}) COMP_CWORD={len(words) - 1} COMP_LINE='{line}' COMP_POINT={len(line)}; "
            "entry=$(complete -p signet); entry=${entry##*-F }; "
            f"${{entry%% *}} signet '{words[-1]}' '{words[-2]}'; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
        return {word.strip() for word in self.shell("bash", "--norc", "-c", script)}

    def test_fish_offers_commands_flags_and_words(self) -> None:
        self.assertEqual(self.fish("signet ke"), {"keys"})
        self.assertLessEqual({"init", "demo", "keys", "sign", "verify", "check", "vendors"}, self.fish("signet "))
        self.assertEqual(self.fish("signet keys "), {"generate", "public", "inspect", "rotate", "promote", "retire"})
        self.assertIn("--algorithm", self.fish("signet keys generate --al"))
        self.assertLessEqual({"es256", "hs256"}, self.fish("signet keys generate --algorithm "))
        self.assertEqual(self.fish("signet completions "), {"bash", "zsh", "fish"})
        self.assertIn("--subject", self.fish("signet sign --su"))

    def configure(self) -> None:
        """A configuration here, and one beside it."""
        connections = {"dg-eu": {}, "dg-us": {}, "talkative": {}}
        routes = {"uk-a": {}, "uk-b": {}, "us": {}}
        keys = {"key-1": {}, "key-2": {}}
        self.write_json("signet.json", {"keys": keys, "connections": connections, "routes": routes})
        self.write_json("other.json", {"routes": {"elsewhere": {}}})
        (self.scratch / "folder").mkdir()
        self.write("folder/file", "")

    def test_fish_offers_names_and_paths(self) -> None:
        self.configure()
        self.assertEqual(self.fish("signet sign "), {"uk-a", "uk-b", "us"})
        self.assertEqual(self.fish("signet sign --subject 1 uk"), {"uk-a", "uk-b"})
        self.assertEqual(self.fish("signet sign us "), set())
        self.assertEqual(self.fish("signet sign --connection d"), {"dg-eu", "dg-us"})
        self.assertEqual(self.fish("signet sign -c other.json "), {"elsewhere"})
        self.assertEqual(self.fish("signet sign --config=other.json "), {"elsewhere"})
        self.assertEqual(self.fish("signet keys promote t"), {"talkative"})
        self.assertEqual(self.fish("signet keys promote talkative "), {"key-1", "key-2"})
        self.assertEqual(self.fish("signet vendors "), {"pega", "talkative", "dg"})
        self.assertEqual(self.fish("signet keys inspect fol"), {"folder/"})
        self.assertEqual(self.fish("signet migrate report us folder/"), {"folder/file"})
        self.assertEqual(self.fish("signet check -c oth"), {"other.json"})
        self.assertEqual(self.fish("signet init "), {"folder/"})
        self.assertEqual(self.fish("signet sign -c nowhere.json "), set())

    def test_zsh_completes_names_and_paths(self) -> None:
        self.configure()
        self.assertEqual(self.zsh("signet sign us"), "sign us")
        self.assertEqual(self.zsh("signet sign --subject 1 uk"), "sign --subject 1 uk-")
        self.assertEqual(self.zsh("signet sign --connection t"), "sign --connection talkative")
        self.assertEqual(self.zsh("signet sign -c other.json e"), "sign -c other.json elsewhere")
        self.assertEqual(self.zsh("signet keys rotate t"), "keys rotate talkative")
        self.assertEqual(self.zsh("signet keys promote talkative k"), "keys promote talkative key-")
        self.assertEqual(self.zsh("signet vendors p"), "vendors pega")
        self.assertEqual(self.zsh("signet check -c oth"), "check -c other.json")
        self.assertEqual(self.zsh("signet keys inspect folder/fi"), "keys inspect folder/file")

    def test_bash_offers_names_and_paths(self) -> None:
        self.configure()
        self.assertEqual(self.bash("signet", "sign", "u"), {"uk-a", "uk-b", "us"})
        self.assertEqual(self.bash("signet", "keys", "promote", "dg-eu", ""), {"key-1", "key-2"})
        self.assertEqual(self.bash("signet", "vendors", "d"), {"dg"})
        self.assertEqual(self.bash("signet", "check", "-c", "oth"), {"other.json"})

    def test_bash_completes_a_path_as_a_path(self) -> None:
        """A folder ends with a slash and no space, at a terminal."""
        self.configure()
        self.write("rc", "source signet.bash; signet() { printf '<%s>' \"$@\" > completed; exit; }; PS1=READY\n")
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.scratch)
            clean = {"HOME": str(self.scratch), "PATH": "/usr/bin:/bin", "TERM": "dumb"}
            os.execve("/bin/bash", ["bash", "--rcfile", "rc", "-i"], clean)
        try:
            self.seen(terminal, b"READY")
            os.write(terminal, b"signet keys inspect fol\tfi\t\r")
            self.seen(terminal, None)
        finally:
            os.close(terminal)
            os.waitpid(child, 0)
        self.assertEqual((self.scratch / "completed").read_text(), "<keys><inspect><folder/file>")

    def seen(self, terminal: int, wanted: bytes | None) -> None:
        """Reads until something is there, or to the end; fails after a minute of silence."""
        text = b""
        while wanted is None or wanted not in text:
            self.assertTrue(select.select([terminal], [], [], 60)[0], text)
            try:
                read = os.read(terminal, 4096)
            except OSError:
                read = b""
            if not read:
                self.assertIsNone(wanted, text)
                return
            text += read

    def test_fish_offers_no_files_where_words_are_wanted(self) -> None:
        self.assertEqual(self.fish("signet keys generate --algorithm "), {"es256", "hs256"})

    def zsh(self, line: str) -> str:
        """What zsh makes of a line at Tab and Enter, in an interactive shell where signet writes down its arguments."""
        self.write("setup.zsh", ZSH_SETUP)
        self.write("type.zsh", ZSH_TYPING)
        self.shell("zsh", "-f", "type.zsh", line)
        return (self.scratch / "completed").read_text().strip()

    def test_zsh_completes_commands_flags_and_words(self) -> None:
        self.assertEqual(self.zsh("signet ke"), "keys")
        self.assertEqual(self.zsh("signet keys gen"), "keys generate")
        self.assertEqual(self.zsh("signet sign uk-store --subj"), "sign uk-store --subject")
        self.assertEqual(self.zsh("signet keys generate --algorithm h"), "keys generate --algorithm hs256")
        self.assertEqual(self.zsh("signet completions z"), "completions zsh")

    def test_zsh_offers_flags_before_the_operand_too(self) -> None:
        self.assertEqual(self.zsh("signet sign --subj"), "sign --subject")

    def test_bash_offers_commands_flags_and_words(self) -> None:
        self.assertEqual(self.bash("signet", "ke"), {"keys"})
        self.assertEqual(self.bash("signet", "keys", ""), {"generate", "public", "inspect", "rotate", "promote", "retire"})
        self.assertIn("--algorithm", self.bash("signet", "keys", "generate", "--al"))
        self.assertEqual(self.bash("signet", "keys", "generate", "--algorithm", ""), {"es256", "hs256"})
        self.assertLessEqual({"bash", "zsh", "fish"}, self.bash("signet", "completions", ""))
        self.assertIn("--subject", self.bash("signet", "sign", "--su"))
