"""The functions of docs/reference, each asked in its own language, and all in the same way."""

import importlib.util
import json
import subprocess
from typing import Any

from postgres import Postgres
from support import REPOSITORY

FOLDER = REPOSITORY / "docs" / "reference"
Pair = tuple[str, str]
#: Salt, value, percentage.
Question = tuple[str, str, str]


class InPython:
    def __init__(self) -> None:
        specification = importlib.util.spec_from_file_location("bucket", FOLDER / "bucket.py")
        assert specification and specification.loader
        self.module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(self.module)

    def hashes(self, inputs: list[bytes]) -> list[int]:
        return [self.module.murmur3(data) for data in inputs]

    def buckets(self, pairs: list[Pair]) -> list[int]:
        return [self.module.bucket(*pair) for pair in pairs]

    def inside(self, questions: list[Question]) -> list[bool | None]:
        """`None` where the percentage is refused."""
        return [self.answer(question) for question in questions]

    def answer(self, question: Question) -> bool | None:
        try:
            return self.module.in_percent(*question)
        except ValueError:
            return None

    def shares(self, salt: str, count: int, percents: list[str]) -> tuple[list[int], int]:
        """How many of customer-0, customer-1, … each percentage takes, and how many a larger one puts back."""
        rows = [[self.module.in_percent(salt, f"customer-{n}", percent) for percent in percents] for n in range(count)]
        back = sum(any(small and not large for small, large in zip(row, row[1:])) for row in rows)
        return [sum(column) for column in zip(*rows)], back

    def stop(self) -> None:
        pass


class InJavaScript:
    #: What a page sees of the file as a classic script: no `module`, no `require`.
    PRELUDE = """
        const fs = require("fs"), vm = require("vm");
        const { file, page, input } = JSON.parse(fs.readFileSync(0, "utf8"));
        const { bucket, inPercent, murmur3 } = page
          ? vm.runInNewContext(fs.readFileSync(file, "utf8") + "\\n;({ bucket, inPercent, murmur3 })", { TextEncoder })
          : require(file);
        const answer = (work) => process.stdout.write(JSON.stringify(work(input)));
    """

    def __init__(self, page: bool = False) -> None:
        self.page = page

    def ask(self, script: str, given: Any) -> Any:
        given = json.dumps({"file": str(FOLDER / "bucket.js"), "page": self.page, "input": given})
        done = subprocess.run(
            ["node", "-e", self.PRELUDE + f"answer({script})"], input=given, capture_output=True, text=True, timeout=300
        )
        if done.returncode:
            raise AssertionError(done.stderr)
        return json.loads(done.stdout)

    def hashes(self, inputs: list[bytes]) -> list[int]:
        return self.ask("(all) => all.map((hex) => murmur3(Buffer.from(hex, 'hex')))", [data.hex() for data in inputs])

    def buckets(self, pairs: list[Pair]) -> list[int]:
        return self.ask("(all) => all.map((pair) => bucket(...pair))", pairs)

    def inside(self, questions: list[Question]) -> list[bool | None]:
        # By name: a page's errors are of another realm than this script's.
        return self.ask(
            """(all) => all.map((question) => {
              try { return inPercent(...question); }
              catch (error) { if (error.name !== "RangeError") throw error; return null; }
            })""",
            questions,
        )

    def shares(self, salt: str, count: int, percents: list[str]) -> tuple[list[int], int]:
        counts, back = self.ask(
            """([salt, count, percents]) => {
              const taken = percents.map(() => 0);
              let back = 0;
              for (let n = 0; n < count; n += 1) {
                const row = percents.map((percent) => inPercent(salt, `customer-${n}`, percent));
                row.forEach((inside, at) => { if (inside) taken[at] += 1; });
                if (row.some((inside, at) => at > 0 && row[at - 1] && !inside)) back += 1;
              }
              return [taken, back];
            }""",
            [salt, count, percents],
        )
        return counts, back

    def stop(self) -> None:
        pass


class InSQL:
    def __init__(self) -> None:
        self.server = Postgres()
        self.server.sql((FOLDER / "bucket.sql").read_text())

    def ask(self, expression: str, rows: list[Any]) -> list[Any]:
        """The expression for each row, a JSON value called `given`."""
        refusal = """
            create function pg_temp.answer(salt text, value text, percent text) returns boolean language plpgsql as $$
            begin return signet_in(salt, value, percent); exception when invalid_parameter_value then return null; end $$;
        """
        query = f"""select json_agg({expression} order by at)
            from json_array_elements($json${json.dumps(rows)}$json$) with ordinality as row(given, at);"""
        return json.loads(self.server.sql(refusal + query))

    def hashes(self, inputs: list[bytes]) -> list[int]:
        return self.ask("signet_murmur3(decode(given #>> '{}', 'hex'))", [data.hex() for data in inputs])

    def buckets(self, pairs: list[Pair]) -> list[int]:
        return self.ask("signet_bucket(given ->> 0, given ->> 1)", pairs)

    def inside(self, questions: list[Question]) -> list[bool | None]:
        return self.ask("pg_temp.answer(given ->> 0, given ->> 1, given ->> 2)", questions)

    def shares(self, salt: str, count: int, percents: list[str]) -> tuple[list[int], int]:
        columns = ", ".join(f"signet_in('{salt}', id, '{percent}') as p{at}" for at, percent in enumerate(percents))
        counts = [f"count(*) filter (where p{at})" for at in range(len(percents))]
        back = " or ".join(f"(p{at} and not p{at + 1})" for at in range(len(percents) - 1))
        answer = self.server.sql(
            f"""select {", ".join(counts)}, count(*) filter (where {back})
            from (select {columns} from (select 'customer-' || n as id from generate_series(0, {count - 1}) as n) as c
                  offset 0) as sides;"""
        )
        *taken, moved = map(int, answer.split())
        return taken, moved

    def stop(self) -> None:
        self.server.stop()


LANGUAGES = {
    "JavaScript": InJavaScript,
    "JavaScript in a page": lambda: InJavaScript(page=True),
    "Python": InPython,
    "SQL": InSQL,
}
