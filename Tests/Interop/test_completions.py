"""The completion scripts parse in their shells and offer what there is."""

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
