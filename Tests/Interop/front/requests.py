"""Requests that the rules of our front let through, each chosen by a random source."""

from dataclasses import dataclass, field
from random import Random

_METHODS = [b"GET"] * 6 + [b"POST"] * 6 + [b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"M-SEARCH", b"A_B", b"X"]
_RARE_METHODS = [b"GET2", b"!#$%&'*+-.^_`|~", b"TRACE", b"CONNECT", b"PRI", b"A" * 300]
_SUFFIXES = [b""] * 8 + [
    b"?", b"?a=b&c=%20", b"?a=b?c=/../", b"//", b"/../x", b"/./", b"/%41%2f", b";v=1", b"/'\"<>\\^`{|}", b"?%zz",
    b"/" + b"a" * 3_000, b"?" + b"q" * 900, b"/~a_b-c.d", b"/a:b@c", b"?http://y/",
]
_RARE_SUFFIXES = [b"/%zz", b"/%", b"/../../../x", b"/%00", b"/%2e%2e/%2e%2e/%2e%2e/x", b"?%00"]
_HOSTS = [b"x"] * 8 + [
    b"x:8080", b"X", b"signet.example", b"[::1]", b"[::1]:8480", b"127.0.0.1:1", b"x:", b"x_y", b"a-b.c", b"localhost.",
]
_RARE_HOSTS = [b"", b"a..b", b".", b"..", b".x", b"x:0", b"x:65535"]
# Few tabs: nginx refuses them, and sees nothing of what comes after.
_BLANKS = [b" "] * 60 + [b"", b"  "] * 5 + [b"\t", b" \t "]
_ENDS = [b""] * 60 + [b" ", b"  "] * 5 + [b"\t", b" \t "]
_OTHERS = [
    b"Accept: */*", b"User-Agent: a/1 (b; c)", b"X-Empty:", b"X-Blank:   ", b"X-Tab: a\tb", b"X-Text: \xe9\xff",
    b"Cookie: a=b; c=\"d\"", b"X_Under: score", b"!#$%&'*+-.^_`|~09azAZ: x", b"Accept-Encoding: gzip", b"X-Colon: a:b: c",
    b"Authorization: Bearer x", b"Content-Type: application/json", b"Origin: http://x", b"TE: trailers", b"Upgrade: h2c",
    b"Via: 1.1 y", b"Range: bytes=0-1", b"X-Forwarded-For: 1.2.3.4", b"If-None-Match: *", b"X-Long: " + b"v" * 2_000,
    b"Max-Forwards: 0", b"Trailer: X-End", b"X-Content-Length: 3", b"Content-Lengthy: 3", b"X-Transfer-Encoding: chunked",
    b"Proxy-Connection: close", b"Keep-Alive: timeout=5", b"X-Comma: , ,", b"If-Modified-Since: never",
    b"Referer: http://y/", b"Content-Encoding: chunked", b"Sec-Fetch-Site: none",
]
CONNECTIONS = [
    b"keep-alive", b"Keep-Alive", b"Upgrade", b"keep-alive, TE", b"TE", b"x-close", b"closed", b"", b"close2, keep-alive",
    b"a,,b",
]
CLOSES = [b"close", b"Close", b"keep-alive, close", b"close, TE", b"TE ,\tCLOSE\t, x", b",close"]
_CHUNKED = [b"chunked"] * 8 + [b"Chunked", b"CHUNKED", b"chUnKed"]
_EXTENSIONS = [b""] * 8 + [b";", b";a", b";a=b", b';a="b;c"', b"; a = b", b";\xff", b";a=b;c=d", b";" + b"e" * 100]


@dataclass
class Request:
    """The parts of a request, each as it stands on the wire, so that a fault can be put into one of them."""

    method: bytes
    target: bytes
    version: bytes = b"HTTP/1.1"
    #: Each with its name, what stands between name and value, and the value; a line end follows.
    fields: list[bytes] = field(default_factory=list)
    #: The body with its framing.
    body: bytes = b""
    #: What stands before the request line.
    lead: bytes = b""
    gaps: tuple[bytes, bytes, bytes] = (b" ", b" ", b"\r\n")
    end: bytes = b"\r\n"

    @property
    def wire(self) -> bytes:
        line = self.method + self.gaps[0] + self.target + self.gaps[1] + self.version + self.gaps[2]
        return self.lead + line + b"".join(text + b"\r\n" for text in self.fields) + self.end + self.body

    def without(self, *names: bytes) -> list[bytes]:
        """The fields but these."""
        return [text for text in self.fields if text.partition(b":")[0].strip(b" \t").lower() not in names]


class RequestMaker:
    """Makes the requests of one stream. Their targets begin with its number, and no two are the same."""

    def __init__(self, random: Random, number: int) -> None:
        self.random = random
        self.prefix = b"/s%d" % number
        self.count = 0

    def target(self) -> bytes:
        self.count += 1
        return b"%s/%d" % (self.prefix, self.count)

    def request(self) -> Request:
        rare = self.random.random() < 0.04
        method = self.random.choice(_RARE_METHODS if rare else _METHODS)
        suffix = self.random.choice(_RARE_SUFFIXES if self.random.random() < 0.03 else _SUFFIXES)
        request = Request(method, self.target() + suffix)
        self.address(request)
        for text in self.random.sample(_OTHERS, self.random.choice([0, 0, 1, 2, 3])):
            request.fields.insert(self.random.randrange(len(request.fields) + 1), text)
        if self.random.random() < (0.75 if method in (b"POST", b"PUT", b"PATCH") else 0.15):
            self.give_body(request)
        self.persist(request)
        if self.random.random() < 0.05:
            request.lead = b"\r\n"
        return request

    def address(self, request: Request) -> None:
        host = self.random.choice(_RARE_HOSTS if self.random.random() < 0.03 else _HOSTS)
        request.fields.append(self.line(b"Host", host))
        if host and self.random.random() < 0.06:
            scheme, port = self.random.choice([
                (b"http", b"80"), (b"HTTP", b"80"), (b"https", b"443"), (b"hTTps", b"443"),
            ])
            authority = host.swapcase() if self.random.random() < 0.5 else host
            if b":" not in host and self.random.random() < 0.3:
                authority += b":" + port
            path = self.random.choice([request.target] * 3 + [b"?" + request.target, b""])
            request.target = scheme + b"://" + authority + path

    def line(self, name: bytes, value: bytes) -> bytes:
        shown = self.random.choice([name] * 4 + [name.lower(), name.upper(), name.swapcase()])
        return shown + b":" + self.random.choice(_BLANKS) + value + self.random.choice(_ENDS)

    def content(self) -> bytes:
        """Bytes for a body: often such as would be a request, or a chunk, to a reader that is out of step."""
        choose = self.random.random()
        if choose < 0.15:
            return b""
        if choose < 0.3:
            return b'{"subject":"12345"}'
        if choose < 0.6:
            return self.smuggled()
        if choose < 0.7:
            return b"0\r\n\r\n" + self.smuggled()
        if choose < 0.8:
            return b"5\r\nhello\r\n0\r\n\r\n" + self.smuggled()
        if choose < 0.9:
            return self.random.randbytes(self.random.choice([1, 2, 15, 16, 17, 255, 1_000]))
        if choose < 0.98:
            return b"\r\n" * self.random.choice([1, 2, 3]) + self.smuggled()
        return b"b" * self.random.choice([4_095, 4_096, 4_097, 8_192, 16_384, 16_385, 16_386, 20_000])

    def smuggled(self) -> bytes:
        return b"GET %s/smuggled HTTP/1.1\r\nHost: x\r\n\r\n" % self.target()

    def give_body(self, request: Request) -> None:
        content = self.content()
        if self.random.random() < 0.5:
            digits = self.random.choice([b"%d", b"%d", b"%d", b"0%d", b"%020d"]) % len(content)
            self.insert(request, self.line(b"Content-Length", digits))
            request.body = content
        else:
            self.insert(request, self.line(b"Transfer-Encoding", self.random.choice(_CHUNKED)))
            request.body = self.chunks(content)
        if self.random.random() < 0.08:
            self.insert(request, self.line(b"Expect", self.random.choice([b"100-continue", b"100-Continue"])))

    def chunks(self, content: bytes) -> bytes:
        parts = []
        while content:
            size = self.random.choice([len(content), len(content), 1, 2, 9, 10, 16, 100])
            part, content = content[:size], content[size:]
            parts.append(self.size(len(part)) + self.random.choice(_EXTENSIONS) + b"\r\n" + part + b"\r\n")
            if len(parts) == 40:
                parts.append(self.size(len(content)) + b"\r\n" + content + b"\r\n" if content else b"")
                break
        last = self.random.choice([b"0"] * 6 + [b"00", b"0" * 16]) + self.random.choice(_EXTENSIONS)
        return b"".join(parts) + last + b"\r\n\r\n"

    def size(self, number: int) -> bytes:
        return self.random.choice([b"%x", b"%x", b"%X", b"0%x", b"%08X", b"%016x"]) % number

    def persist(self, request: Request) -> None:
        choose = self.random.random()
        if choose < 0.12:
            self.insert(request, self.line(b"Connection", self.random.choice(CONNECTIONS)))
        elif choose < 0.17:
            self.insert(request, self.line(b"Connection", self.random.choice(CLOSES)))
        elif choose < 0.22:
            request.version = self.random.choice([b"HTTP/1.0", b"HTTP/1.2", b"HTTP/1.9"])
            if request.version == b"HTTP/1.0":
                if self.random.random() < 0.5:
                    self.insert(request, self.line(b"Connection", b"keep-alive"))
                if any(text.lower().startswith(b"transfer-encoding") for text in request.fields):
                    request.fields = request.without(b"transfer-encoding")
                    request.body = b""
                if b"://" not in request.target and self.random.random() < 0.3:
                    request.fields = request.without(b"host")

    def insert(self, request: Request, *lines: bytes) -> None:
        for text in lines:
            request.fields.insert(self.random.randrange(len(request.fields) + 1), text)
