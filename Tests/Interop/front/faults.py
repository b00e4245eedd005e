"""Faults: what can be put into one request, and how bytes can be changed, wherever they stand."""

from collections.abc import Callable
from random import Random

from front.requests import CLOSES, CONNECTIONS, Request, RequestMaker

_BYTES = [
    b"\r", b"\n", b"\0", b"\t", b" ", b"\x0b", b"\x0c", b"\x7f", b"\x80", b"\xff", b":", b";", b",", b"0", b"1", b"a",
    b"-", b"+", b"#", b"\r\n", b'"',
]


def fault_method(maker: RequestMaker, request: Request) -> None:
    request.method = maker.random.choice([
        b"get", b"Get", b"G(T", b"", b"G\0T", b"GET\t", b" GET", b"\xc9", b"GET:", b'"GET"', b"G\rT", b"\r\nGET",
        b"\x16\x03\x01",
    ])


def fault_target(maker: RequestMaker, request: Request) -> None:
    target = request.target
    request.target = maker.random.choice([
        target[1:], b"*", b"x:443", target + b"#a", target + b"\xc3\xa9", target + b"\0", target + b" a", target + b"\t",
        target + b"\x7f", target + b"\x01", b"", b"http://y" + target, b"http://" + target, b"ftp://x" + target,
        b"x" + target, b"http:/x" + target, b"http://x:81" + target, b"http://u@x" + target, b"//x" + target,
        b"http://x" + target + b"#", target + b"\x0b", b"\\" + target, b"?" + target, b"https://X:" + target,
        b"http://x\0" + target, target + b"\r",
    ])


def fault_version(maker: RequestMaker, request: Request) -> None:
    request.version = maker.random.choice([
        b"http/1.1", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1.10", b"HTTP/1.", b"HTTP/11", b"HTTP/01.1", b"HTTP/1.1 ",
        b"HTTP/1.1\0", b"HTTP/1.1\t", b"HTP/1.1", b"", b"HTTP/1.1 HTTP/1.0", b"HTTP/+1.1", b"HTTP/1,1", b"HTTPS/1.1",
        b"HTTP/1.1\r", b"HTTP/3",
    ])


def fault_gaps(maker: RequestMaker, request: Request) -> None:
    gaps = list(request.gaps)
    which = maker.random.randrange(3)
    blanks = [b"  ", b"\t", b"", b" \t", b"\x0b", b"\xa0", b"\r", b"\0", b" \r\n "]
    ends = [b"\n", b"\r", b"\n\r", b"\r\r\n", b" \r\n", b"", b"\r\n ", b"\r\n\t", b"\r\n\r\n", b"\0\r\n"]
    gaps[which] = maker.random.choice(ends if which == 2 else blanks)
    request.gaps = (gaps[0], gaps[1], gaps[2])


def fault_host(maker: RequestMaker, request: Request) -> None:
    host = maker.random.choice([
        b"x\r\nHost: y", b"x\r\nHost: x", b"good@evil", b"x/y", b"http://x", b"x, y", b"x y", b"x:8a", b"x:65536",
        b"x:80:80", b":80", b"[::1", b"[x]", b"[::1]x", b"[]", b"x%00", b"\xc3\xa9", b"x\0y", b"x\x01", b"x\r\n y",
        b"x\\y", b"x?y", b"x#y", b"x;y", b"*", b"x\x7f", b"x\x0b", b"x:-1", b"x:+80", b"x:99999999999", b"[::1]:", b"x\n",
        b'"x"', b"x\r", b"::1",
    ])
    request.fields = request.without(b"host")
    if maker.random.random() < 0.9:
        maker.insert(request, maker.random.choice([b"Host: ", b"Host:", b"host:\t"]) + host)


def fault_length(maker: RequestMaker, request: Request) -> None:
    """The body is such that another length than the one that counts begins a request inside it."""
    content = maker.random.choice([b"", b"hello", b"0\r\n\r\n"]) + maker.smuggled()
    right = len(content)
    value = maker.random.choice([
        b"+%d", b"-%d", b"%d,", b",%d", b"%d, %d", b"%d,%d", b"0x%d", b"%da", b"%d 0", b"%d\0", b"%d\x0b", b"\x0b%d",
        b"%d.0", b"%de0", b'"%d"', b"%d;", b"%d\r", b"%d\r\n ", b"0o%d", b"\xb2%d", b"1_%d", b"%d\t0", b"\x0c%d",
        b"%d\xa0", b"\xef\xbb\xbf%d", b"%d\x7f",
    ])
    values = [
        b"", b" ", b"-0", b"+0", b"18446744073709551616", b"9223372036854775808", b"4294967296", b"-1",
        b"99999999999999999999999", b"18446744073709551615", b"5" * 400, b"%d" % (right + 1), b"%d" % (right - 1), b"5",
        b"0", b"1048577", b"1048576", b"3000", b"\xd9\xa5", b"NaN",
    ]
    text = value % ((right,) * value.count(b"%d"))
    chosen = text if maker.random.random() < 0.6 else maker.random.choice(values)
    request.fields = request.without(b"content-length", b"transfer-encoding")
    maker.insert(request, maker.random.choice([b"Content-Length: ", b"Content-Length:", b"content-length: "]) + chosen)
    request.body = content


def fault_lengths(maker: RequestMaker, request: Request) -> None:
    content = b"hello" + maker.smuggled()
    values = maker.random.choice([(5, len(content)), (len(content), 5), (5, 5), (0, 5), (5, 0), (len(content),) * 2])
    request.fields = request.without(b"content-length", b"transfer-encoding")
    names = maker.random.choice([
        (b"Content-Length: ",) * 2, (b"Content-Length: ", b"content-length:"),
        (b"CONTENT-LENGTH:\t", b"Content-Length: "),
    ])
    for name, value in zip(names, values):
        maker.insert(request, name + b"%d" % value)
    request.body = content


def fault_name(maker: RequestMaker, request: Request) -> None:
    """A length or a coding that one reader may not see for its name."""
    content = maker.smuggled()
    framing, body = maker.random.choice([
        (b"Content-Length: %d" % len(content), content),
        (b"Transfer-Encoding: chunked", b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)),
    ])
    name, _, value = framing.partition(b":")
    line = maker.random.choice([
        name + b" :" + value, name + b"\t:" + value, b" " + framing, b"\t" + framing, name + b"\0:" + value, name + value,
        name.replace(b"-", b"_") + b":" + value, name + b"\x0b:" + value, b"\x0b" + framing, name + b"\r\n:" + value,
        b"\r" + framing, name[:4] + b"\r\n " + name[4:] + b":" + value, b"X: a\r" + framing, b"X: a\n" + framing,
        b"X: a\0\n" + framing, name + b"\xa0:" + value, b": a\r\n" + framing, framing.replace(b"-", b"\xad"),
        b"\xff" + framing, b"X: a\r\r\n" + framing, name + b"::" + value, framing.replace(b"n", b"\xc5\x84", 1),
        b"(" + framing, b'"' + name + b'":' + value, b"X\r\n" + framing, b":" + framing,
    ])
    request.fields = request.without(b"content-length", b"transfer-encoding")
    where = maker.random.choice([0, len(request.fields)])
    request.fields.insert(where, line)
    request.body = body


def fault_coding(maker: RequestMaker, request: Request) -> None:
    content = maker.random.choice([maker.content(), maker.smuggled()])
    coding = maker.random.choice([
        b"gzip, chunked", b"chunked, gzip", b"chunked, chunked", b"identity", b"", b" ", b"chunked;q=1", b'"chunked"',
        b"xchunked", b"chunkedx", b"\x0bchunked", b"chunked\x0b", b"chunked\0", b"chunked\0, gzip", b"chunked,",
        b", chunked", b"chunked, identity", b"identity, chunked", b"chunked\r\n ", b"\r\n chunked", b"chun\r\n ked",
        b"chunked\r", b"chunked chunked", b"gzip", b"chunke", b"'chunked'", b"chunked\xa0", b"\xa0chunked", b"cow",
        b"chunked\r\nTransfer-Encoding: chunked", b"chunked;", b"\x0cchunked", b"identity\r\nTransfer-Encoding: chunked",
        b"chunked\r\nTransfer-Encoding: identity", b"chunked\x85", b"c\xc4\xa5unked",
        b"chunked\r\nTransfer-Encoding: cow", b"cow\r\ntransfer-encoding: chunked", b"chunked\x7f", b"chunked\n",
        b"chunked=1",
    ])
    request.fields = request.without(b"content-length", b"transfer-encoding")
    name = maker.random.choice([b"Transfer-Encoding: ", b"Transfer-Encoding:", b"transfer-encoding:\t"])
    maker.insert(request, name + coding)
    request.body = maker.random.choice([maker.chunks(content), maker.chunks(content), b"0\r\n\r\n" + content, content])


def fault_both(maker: RequestMaker, request: Request) -> None:
    smuggled = maker.smuggled()
    chunked = maker.random.choice([b"0\r\n\r\n" + smuggled, b"%x\r\n%s\r\n0\r\n\r\n" % (len(smuggled), smuggled)])
    length = maker.random.choice([len(chunked), 0, 5, len(chunked) - len(smuggled), 4])
    coding = maker.random.choice([
        b"chunked", b"chunked", b"Chunked", b"identity", b"xchunked", b"chunked, identity", b"",
    ])
    request.fields = request.without(b"content-length", b"transfer-encoding")
    maker.insert(request, b"Content-Length: %d" % length, b"Transfer-Encoding: " + coding)
    request.body = chunked


def fault_old_coding(maker: RequestMaker, request: Request) -> None:
    content = maker.smuggled()
    request.version = b"HTTP/1.0"
    request.fields = request.without(b"content-length", b"transfer-encoding", b"connection")
    maker.insert(request, b"Transfer-Encoding: chunked", maker.random.choice([b"Connection: keep-alive", b"X: y"]))
    request.body = maker.random.choice([maker.chunks(content), b"0\r\n\r\n" + content])


def fault_chunk(maker: RequestMaker, request: Request) -> None:
    """Chunks of which one has a fault in its size, its extension or its ends."""
    content = maker.random.choice([maker.smuggled(), maker.random.randbytes(20), b"hello"])
    size = b"%x" % len(content)
    line = maker.random.choice([
        b" " + size, size + b" ", size + b"\t", b"+" + size, b"-" + size, b"0x" + size, b"0X" + size, size + b"g", b"",
        b"g", size + b",", size + b"\0", size + b"_", b"1" + b"%016x" % len(content), b"0" * 17 + size, b"0" * 40 + size,
        size + b" ;a", size + b"\t;a=b", size + b";\0", size + b";a\x01", size + b";a\rb", size + b";a\nb",
        size + b";" + b"e" * 200, size + b";" + b"e" * 5_000, size + b"\x0b", size + b":a", size + b'"',
        b"ffffffffffffffff", b"7fffffffffffffff", b"8000000000000000", b"fffffffffffffff0", b"FFFFFFFF", b"100000000",
        b"\xef\xbc\x95", size + b".0", size + b"\xa0", size + b"\r", b"\r\n" + size, b"%x" % (len(content) + 1),
        b"%x" % max(len(content) - 1, 0), b"%x" % (len(content) + 2), b"100001", b"1000", b"fffff", b'"' + size + b'"',
        b"0" + b"\0" + size, b";" + size, b"0;" + size, b"00000000" + size + b"\t\t",
    ])
    after_size, after_data = maker.random.choice([
        (b"\r\n", b"\r\n"), (b"\r\n", b"\r\n"), (b"\r\n", b"\r\n"), (b"\n", b"\r\n"), (b"\r\n", b"\n"), (b"\n", b"\n"),
        (b"\r\n", b""), (b"\r", b"\r\n"), (b"\r\n", b"\r"), (b"\r\n", b"\r\r\n"), (b"\r\r\n", b"\r\n"), (b"\r\n", b"XX"),
        (b"\n\r", b"\r\n"), (b"\r\n", b"\r\n\r\n"),
    ])
    if (after_size, after_data) != (b"\r\n", b"\r\n"):
        line = size
    parts = [line + after_size + content + after_data]
    good = b"5\r\nhello\r\n"
    parts = maker.random.choice([parts, [good, *parts], [*parts, good]])
    give_chunks(maker, request, b"".join(parts) + b"0\r\n\r\n")


def fault_last_chunk(maker: RequestMaker, request: Request) -> None:
    smuggled = maker.smuggled()
    last = maker.random.choice([
        b"0\r\nX: y\r\n\r\n", b"0\r\nX : y\r\n\r\n", b"0\r\n\r\n\r\n", b"0\r\n", b"0\n\n", b"0\r\n\n", b"0\n\r\n", b"0",
        b"", b"0\r\n\r", b"0\r\nContent-Length: 5\r\n\r\nhello", b"0\r\n" + smuggled, b"0\r\n \r\n\r\n", b"-0\r\n\r\n",
        b"+0\r\n\r\n", b"0x0\r\n\r\n", b"\r\n\r\n", b"0\r\nX: a\x01\r\n\r\n", b"0 \r\n\r\n", b" 0\r\n\r\n", b"00;a\n\r\n",
        b"0\r\nHost: y\r\n\r\n", b"0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"0\r\n\r\r\n", b"0\r\r\n\r\n",
        b"0\r\nX\r\n\r\n", b"0\r\n: y\r\n\r\n", b"0\r\n\0\r\n\r\n", b"0\r\nX: y\n\n", b"0\r\nX: y\r\n z\r\n\r\n",
        b"0" * 17 + b"\r\n\r\n",
    ])
    before = maker.random.choice([b"", b"5\r\nhello\r\n"])
    give_chunks(maker, request, before + last + maker.random.choice([b"", smuggled]))


def give_chunks(maker: RequestMaker, request: Request, body: bytes) -> None:
    request.fields = request.without(b"content-length", b"transfer-encoding")
    maker.insert(request, b"Transfer-Encoding: chunked")
    request.body = body


def fault_field(maker: RequestMaker, request: Request) -> None:
    line = maker.random.choice([
        b"X : y", b"X\t: y", b"X Y: z", b"X[]: z", b"X\xe9: z", b"X\x01: z", b"\rX: z", b": z", b"nothing", b"X: a\x01b",
        b"X: a\x7fb", b"X: a\rb", b"X: a\0b", b"X: a\0", b"X\0Y: z", b"X: a\r\n b", b"X: a\r\n\tb", b" X: y", b"\tX: y",
        b"X: a\nY: b", b"X: a\r", b"X: a\n\nGET %s HTTP/1.1" % maker.target(), b"X: a\r\n \r\n\tb", b"\x80: y",
        b"X: \x0b", b"X: \x1b[0m", b"=: y", b"X: y\r\rY: z", b"GET %s HTTP/1.1" % maker.target(), b"", b"\n", b"\r", b" ",
        b"\0", b"X: y\n", b"\nX: y", b"X{}: y", b"X: " + b"v" * 9_000, b"X" * 9_000 + b": y",
    ])
    last = len(request.fields)
    request.fields.insert(maker.random.choice([0, last, maker.random.randrange(last + 1)]), line)


def fault_repeated(maker: RequestMaker, request: Request) -> None:
    line = maker.random.choice([
        b"Authorization: a", b"Content-Type: a/b", b"Origin: http://x", b"Sec-Fetch-Site: none", b"Host: x",
    ])
    maker.insert(request, line, maker.random.choice([line, line.lower(), line.upper()]))


def fault_expect(maker: RequestMaker, request: Request) -> None:
    value = maker.random.choice([
        b"200-ok", b"", b"100-continue, x", b"100-continue;a", b"100-continue, 100-continue", b"100", b"100-continuex",
        b'"100-continue"', b"100-continue\r\nExpect: 100-continue", b"100-continue\r\nExpect: x",
        b"x\r\nExpect: 100-continue",
    ])
    maker.insert(request, b"Expect: " + value)
    if maker.random.random() < 0.5:
        maker.give_body(request)


def fault_connection(maker: RequestMaker, request: Request) -> None:
    value = maker.random.choice([
        *CONNECTIONS, *CLOSES, b"close;", b'"close"', b"clo se", b"cl\r\n ose", b"close\0", b"close\x0b", b"close x",
        b"host", b"content-length", b"transfer-encoding", b"keep-alive\r\nConnection: close",
        b"close\r\nConnection: keep-alive",
    ])
    name = maker.random.choice([b"Connection: ", b"connection:", b"Connection : ", b"Proxy-Connection: "])
    maker.insert(request, name + value)


def fault_absolute(maker: RequestMaker, request: Request) -> None:
    """An absolute form whose authority is nearly that of the Host field."""
    authority, host = maker.random.choice([
        (b"x", None), (b"x", b""), (b"x", b"X"), (b"x", b"x:"), (b"x:", b"x"), (b"x:80", b"x"), (b"x", b"x:80"),
        (b"x:080", b"x"), (b"x:443", b"x"), (b"x", b"x:443"), (b"x", b"y"), (b"", b""), (b"", b"x"), (b"x:8080", b"x:80"),
        (b"x.", b"x"), (b"[::1]", b"[::1]:80"), (b"[::1]", b"[0:0::1]"), (b"x@x", b"x"), (b"x:80:80", b"x"),
        (b"x%41", b"xA"), (b"x\\y", b"x"), (b":80", b""), (b"x", b" \t"), (b"127.1", b"127.0.0.1"),
        (b"x:99999", b"x:99999"),
    ])
    request.fields = request.without(b"host")
    if host is not None:
        maker.insert(request, b"Host: " + host)
    elif maker.random.random() < 0.8 and b"chunked" not in b"".join(request.fields).lower():
        request.version = b"HTTP/1.0"
    request.target = maker.random.choice([b"http", b"http", b"https", b"HTTP"]) + b"://" + authority + maker.target()


def fault_size(maker: RequestMaker, request: Request) -> None:
    """Lengths at the limits, and one beside them."""
    over = maker.random.choice([-1, 0, 1])
    choose = maker.random.randrange(6)
    if choose == 0:
        request.target = maker.target()
        line = len(request.method + request.version) + 4 + len(request.target)
        request.target += b"a" * (8_192 + over - line)
    elif choose == 1:
        maker.insert(request, b"X: " + b"v" * (8_192 + over - 5))
    elif choose == 2:
        for _ in range(4):
            maker.insert(request, b"X: " + b"v" * 7_000)
        head = len(request.wire) - len(request.lead) - len(request.body)
        maker.insert(request, b"X: " + b"v" * (32_768 + over - head - 5))
    elif choose == 3:
        give_chunks(maker, request, b"1\r\na\r\n" * (4_095 + over) + b"0\r\n\r\n")
    elif choose == 4:
        give_chunks(maker, request, b"1;%s\r\na\r\n0\r\n\r\n" % (b"e" * (127 + over)))
    else:
        give_chunks(maker, request, b"1;%s\r\na\r\n" % (b"e" * 127) * 31 + b"0;%s\r\n\r\n" % (b"e" * (127 + over)))


def fault_lead(maker: RequestMaker, request: Request) -> None:
    request.lead = maker.random.choice([
        b"\r\n\r\n", b"\n", b"\r", b" ", b"\n\n", b" \r\n", b"\0", b"\r\n\n", b"\n\r\n", b"\r\r\n", b"\t\r\n",
        b"\xef\xbb\xbf", b"\r\n" * 5,
    ])


def fault_end(maker: RequestMaker, request: Request) -> None:
    request.end = maker.random.choice([
        b"\n", b"", b"\r", b"\n\r\n", b" \r\n", b"\t\r\n\r\n", b"\r\n\r\n", b"\r\r\n", b"\0\r\n\r\n", b"\x0b\r\n",
    ])


def fault_old(maker: RequestMaker, request: Request) -> None:
    """Simple requests of HTTP/0.9, and other protocols."""
    request.fields, request.body, request.end = [], b"", maker.random.choice([b"", b"\r\n"])
    request.version, request.gaps = b"", maker.random.choice([
        (b" ", b"", b"\r\n"), (b" ", b" ", b"\r\n"), (b" ", b"", b"\n"), (b"\t", b"", b"\r\n"),
    ])
    if maker.random.random() < 0.2:
        request.lead = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def fault_cut(maker: RequestMaker, request: Request) -> None:
    whole = request.wire
    cut = maker.random.randrange(1, len(whole))
    request.method, request.target, request.version, request.gaps = whole[:cut], b"", b"", (b"", b"", b"")
    request.lead, request.fields, request.end, request.body = b"", [], b"", b""


def change_flip(random: Random, data: bytes) -> bytes:
    place = random.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << random.randrange(8))]) + data[place + 1 :]


def change_set(random: Random, data: bytes) -> bytes:
    place = near(random, data)
    return data[:place] + random.choice(_BYTES) + data[place + 1 :]


def change_insert(random: Random, data: bytes) -> bytes:
    place = near(random, data)
    return data[:place] + random.choice(_BYTES) * random.choice([1, 1, 1, 2]) + data[place:]


def change_delete(random: Random, data: bytes) -> bytes:
    place = near(random, data)
    return data[:place] + data[place + random.choice([1, 1, 1, 2, 8, 40]) :]


def change_repeat(random: Random, data: bytes) -> bytes:
    place = near(random, data)
    size = random.choice([1, 2, 4, 20, 200])
    return data[: place + size] + data[place : place + size] + data[place + size :]


def change_lines(random: Random, data: bytes) -> bytes:
    lines = data.split(b"\r\n")
    first, second = random.randrange(len(lines)), random.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\r\n".join(lines)


def change_repeat_line(random: Random, data: bytes) -> bytes:
    lines = data.split(b"\r\n")
    lines.insert(random.randrange(len(lines)), random.choice(lines))
    return b"\r\n".join(lines)


def change_line_end(random: Random, data: bytes) -> bytes:
    parts = data.split(b"\r\n")
    if len(parts) < 2:
        return data
    place = random.randrange(1, len(parts))
    end = random.choice([b"\n", b"\r", b"", b"\n\r", b"\r\n ", b"\r\n\r\n", b"\r\r\n"])
    return b"\r\n".join(parts[:place]) + end + b"\r\n".join(parts[place:])


def change_noise(random: Random, data: bytes) -> bytes:
    place = near(random, data)
    return data[:place] + random.randbytes(random.choice([1, 3, 30])) + data[place:]


def near(random: Random, data: bytes) -> int:
    """A place; every second time beside a byte that means something."""
    if not data:
        return 0
    place = random.randrange(len(data))
    if random.random() < 0.5:
        found = [data.find(byte, place) for byte in (b"\r", b"\n", b":", b" ", b";", b",")]
        place = min((place for place in found if place >= 0), default=place)
    return place


Fault = Callable[[RequestMaker, Request], None]
Change = Callable[[Random, bytes], bytes]

FAULTS: list[tuple[str, Fault]] = [
    (name.removeprefix("fault_"), function) for name, function in list(globals().items()) if name.startswith("fault_")
]
# Framing is where readers differ.
FAULTS += [pair for pair in FAULTS if pair[0] in ("length", "lengths", "name", "coding", "both", "chunk", "last_chunk")] * 2
CHANGES: list[tuple[str, Change]] = [
    (name.removeprefix("change_"), function) for name, function in list(globals().items()) if name.startswith("change_")
]
