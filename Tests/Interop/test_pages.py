"""Every link from one page of ours to another leads somewhere."""

import re
import unittest
from pathlib import Path

from support import REPOSITORY


def pages() -> list[Path]:
    return sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives a page's headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", heading).lower()).replace(" ", "-") for heading in headings}


class Links(unittest.TestCase):
    def test_links_lead_somewhere(self) -> None:
        self.assertGreater(len(pages()), 12)
        for page in pages():
            text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
            for target in re.findall(r"\]\(([^)\s]+)\)", text):
                if "://" in target:
                    continue
                with self.subTest(page=str(page.relative_to(REPOSITORY)), target=target):
                    path, _, anchor = target.partition("#")
                    led = (page.parent / path).resolve() if path else page
                    self.assertTrue(led.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(led))
