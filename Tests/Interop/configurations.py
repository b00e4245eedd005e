"""Configurations as tables: one sound base, and one change each."""

import copy
import re
from typing import Any

WIDGET = "4d88d63c-b3d9-49ee-8f77-adeb5d4fc223"
DIGEST = "0123456789abcdef" * 4

BASE: dict[str, Any] = {
    "keys": {
        "talkative": {"file": "keys/talkative.private.pem"},
        "pega": {"file": "keys/pega.secret", "encoding": "utf8"},
        "dg": {"env": "DG_SECRET", "encoding": "base64url", "kid": "dg_live_1"},
    },
    "connections": {
        "talkative": {"vendor": "talkative", "key": "talkative"},
        "pega": {"vendor": "pega", "key": "pega", "region": "use1", "widgetId": WIDGET},
        "dg": {"vendor": "dg", "key": "dg"},
    },
    "routes": {"r": {"connection": "talkative"}},
}

#: A change: where, and what is put there. `REMOVED` takes the member away.
Change = tuple[str, Any]
REMOVED = object()

_TALKATIVE, _PEGA, _DG = ("connections/talkative/", "connections/pega/", "connections/dg/")
_FIELD = {"label": "Customer ID", "from": "subject"}
_CALLER = {"name": "storefront", "tokenSha256": [DIGEST], "routes": ["*"]}
_CASES = {
    "cases": [{"when": {"brand": "acme", "locale": ["en-GB", "en-IE"]}, "connection": "pega"}],
    "otherwise": {"connection": "talkative"},
}
_MIGRATION = {"from": "dg", "to": "talkative", "stage": "live", "percent": 12.5}

GOOD: list[Change] = [
    ("$schema", "signet.schema.json"),
    ("listen", "127.0.0.1:8787"),
    ("listen", "[::1]:8787"),
    ("listen", "localhost:1"),
    ("listen", "systemd"),
    ("listen", "unix:/run/signet.sock"),
    ("tls", {"certificate": "tls.crt", "key": "tls.key"}),
    ("behindProxy", True),
    ("admin", {"listen": "127.0.0.1:9787"}),
    ("admin", {"listen": "0.0.0.0:9787", "exposed": True}),
    ("admin", {}),
    ("callers", []),
    ("callers", [_CALLER]),
    ("callers", [{**_CALLER, "allow": ["badge", "sign"]}]),
    ("callers", [{**_CALLER, "rate": {"perSecond": 50, "burst": 100}}]),
    ("audit", {"file": "audit.jsonl"}),
    ("drain", "0s"),
    ("drainDelay", "250ms"),
    ("delivery", {"connect": "1s", "call": "2s", "total": "20s", "attempts": 5, "perConnection": 8}),
    ("keys/talkative", {"env": "TALKATIVE_KEY"}),
    ("keys/talkative/kid", "k 1"),
    ("keys/talkative/passphrase", {"file": "keys/passphrase"}),
    ("keys/talkative/passphrase", {"env": "PASSPHRASE"}),
    ("keys/pega/allowShortSecret", True),
    ("keys/pega/encoding", "base64"),
    ("keys/pega/encoding", "hex"),
    ("keys/spare-1.2_3", {"file": "x"}),
    ("keys/log", {"file": "log", "encoding": "base64url"}),
    (_TALKATIVE + "region", "eu"),
    (_TALKATIVE + "api", "engage"),
    (_TALKATIVE + "includeKeyId", True),
    (_TALKATIVE + "typ", "JWT"),
    (_TALKATIVE + "widgetId", WIDGET),
    (_TALKATIVE + "fields", [_FIELD]),
    (_TALKATIVE + "fields", [{"label": "Née 👋", "from": "attributes.maiden-name_1", "required": False}]),
    (_TALKATIVE + "fields", [_FIELD, {"label": "Site", "value": "uk"}]),
    (_PEGA + "tokenLifetime", "1s"),
    (_PEGA + "sessions", "report"),
    (_PEGA + "create", {}),
    (_PEGA + "create", {"customerId": "email"}),
    (_PEGA + "create", {"customerId": {"from": "email", "required": False}}),
    (_PEGA + "privateData", {}),
    (_PEGA + "privateData", {"a b/ü": "issuedAt", "b": {"value": "true"}}),
    (_DG + "env", "dev.us"),
    (_DG + "tokenLifetime", "1d"),
    (_DG + "externalId", {"from": "attributes.x"}),
    (_DG + "externalId", {"from": "email"}),
    (_DG + "widgetId", "w_1-2"),
    ("routes/r2", {"connection": "dg"}),
    ("routes/r2", _CASES),
]

#: Refused by the schema and by signet.
BAD: list[Change] = [
    ("keys", REMOVED),
    ("connections", REMOVED),
    ("keys", []),
    ("connections", None),
    ("routes", "r"),
    ("lisen", "127.0.0.1:8787"),
    ("listen", 8787),
    ("listen", "8787"),
    ("listen", ""),
    ("listen", "127.0.0.1:"),
    ("tls", {}),
    ("tls", {"certificate": "a"}),
    ("behindProxy", "true"),
    ("behindProxy", 1),
    ("admin", {"port": 1}),
    ("callers", {}),
    ("callers", [{}]),
    ("callers", [{**_CALLER, "tokenSha256": []}]),
    ("callers", [{**_CALLER, "allow": ["all"]}]),
    ("callers", [{**_CALLER, "tokenSha256": [DIGEST.upper()]}]),
    ("callers", [{**_CALLER, "routes": []}]),
    ("callers", [{**_CALLER, "rate": {"perSecond": 0, "burst": 1}}]),
    ("callers", [{**_CALLER, "rate": {"perSecond": 1}}]),
    ("callers", [{**_CALLER, "rate": {"perSecond": 1.5, "burst": 1}}]),
    ("audit", {}),
    ("audit", {"file": ""}),
    ("drain", 15),
    ("drain", "15"),
    ("drain", "15 s"),
    ("drain", "-1s"),
    ("drain", "1w"),
    ("drain", "2h"),
    (_PEGA + "tokenLifetime", "301s"),
    (_DG + "tokenLifetime", "59s"),
    (_DG + "tokenLifetime", "2d"),
    ("delivery", {"attempts": 0}),
    ("delivery", {"attempts": 11}),
    ("delivery", {"perConnection": 0}),
    ("delivery", {"perConnection": 1001}),
    ("delivery", {"attempts": "3"}),
    ("keys/Upper", {"file": "x"}),
    ("keys/-x", {"file": "x"}),
    ("keys/" + "k" * 65, {"file": "x"}),
    ("keys/x y", {"file": "x"}),
    ("keys/talkative", {}),
    ("keys/talkative", "x.pem"),
    ("keys/talkative", {"file": "x", "env": "X"}),
    ("keys/talkative/file", "a\nb"),
    ("keys/talkative", {"env": "1X"}),
    ("keys/talkative", {"env": "A-B"}),
    ("keys/talkative/passphrase", {}),
    ("keys/talkative/passphrase", "secret"),
    ("keys/talkative/passphrase", {"file": "x", "env": "X"}),
    ("keys/talkative/allowShortSecret", True),
    ("keys/pega/encoding", "ascii"),
    ("keys/pega/passphrase", {"file": "x"}),
    ("keys/dg/kid", ""),
    (_PEGA + "allowForeignOrigin", True),
    ("keys/dg/kid", 1),
    ("connections/none", {}),
    ("connections/none", {"vendor": "acme", "key": "pega"}),
    ("connections/none", {"vendor": "dg"}),
    (_TALKATIVE + "keys", ["talkative"]),
    (_TALKATIVE + "key", REMOVED),
    (_TALKATIVE + "region", "EU"),
    (_TALKATIVE + "regoin", "eu"),
    (_TALKATIVE + "env", "eu"),
    (_TALKATIVE + "widgetId", "a b"),
    (_TALKATIVE + "api", None),
    (_TALKATIVE + "fields", []),
    (_TALKATIVE + "fields", [{"label": "x"}]),
    (_TALKATIVE + "fields", [{"from": "subject"}]),
    (_TALKATIVE + "fields", [{**_FIELD, "value": "x"}]),
    (_TALKATIVE + "fields", [{**_FIELD, "label": ""}]),
    (_TALKATIVE + "fields", [{"label": "x", "value": "y", "required": False}]),
    (_TALKATIVE + "fields", [{"label": "x", "from": "customer"}]),
    (_TALKATIVE + "fields", [{"label": "x", "from": "attributes."}]),
    (_TALKATIVE + "fields", [{"label": "x", "from": "attributes.1a"}]),
    (_TALKATIVE + "fields", [{**_FIELD, "type": "string"}]),
    (_TALKATIVE + "typ", ""),
    (_TALKATIVE + "includeKeyId", "yes"),
    (_PEGA + "region", "us"),
    (_PEGA + "region", REMOVED),
    (_PEGA + "origin", "https://widget.uk.chat.pega.digital"),
    (_PEGA + "widgetId", REMOVED),
    (_PEGA + "widgetId", ""),
    (_PEGA + "tokenLifetime", 300),
    (_PEGA + "sessions", "none"),
    (_PEGA + "create", "subject"),
    (_PEGA + "create", {"customerID": "subject"}),
    (_PEGA + "privateData", ["subject"]),
    (_PEGA + "privateData", {"a": 1}),
    (_PEGA + "privateData", {"": "subject"}),
    (_PEGA + "privateData", {"a": {}}),
    (_DG + "env", "uk"),
    (_DG + "externalId", "Subject"),
    (_DG + "externalId", {"value": ""}),
    (_DG + "region", "eu"),
    ("routes/r2", {}),
    ("routes/r2", "dg"),
    ("routes/r2", {"connection": "dg", **_CASES}),
    ("routes/R", {"connection": "dg"}),
    ("routes/r2", {"cases": _CASES["cases"]}),
    ("routes/r2", {"otherwise": {"connection": "dg"}}),
    ("routes/r2", {**_CASES, "cases": []}),
    ("routes/r2", {**_CASES, "cases": [{"connection": "dg"}]}),
    ("routes/r2", {**_CASES, "cases": [{"when": {"a": []}, "connection": "dg"}]}),
    ("routes/r2", {**_CASES, "cases": [{"when": {"a": True}, "connection": "dg"}]}),
    ("routes/r2", {"migrate": {**_MIGRATION, "stage": "canary"}}),
    ("routes/r2", {"migrate": {**_MIGRATION, "percent": 101}}),
    ("routes/r2", {"migrate": {**_MIGRATION, "percent": "12"}}),
    ("routes/r2", {"migrate": {"from": "dg", "to": "talkative"}}),
    ("routes/r2", {"migrate": {**_MIGRATION, "stickiness": "email"}}),
]

#: Mistakes in a connection, each with the member that a validator has to name, and no other.
AT_THE_MEMBER: list[tuple[Change, str, str]] = [
    ((_TALKATIVE + "regoin", "eu"), "connections/talkative", "regoin"),
    ((_TALKATIVE + "region", "EU"), "connections/talkative/region", "EU"),
    ((_TALKATIVE + "fields", [{**_FIELD, "from": "subjct"}]), "connections/talkative/fields/0/from", "subjct"),
    ((_PEGA + "tokenLifetime", "301s"), "connections/pega/tokenLifetime", "301s"),
    ((_PEGA + "widgetId", REMOVED), "connections/pega", "widgetId"),
    ((_PEGA + "create", {"customerId": {"from": "customer"}}), "connections/pega/create/customerId/from", "customer"),
    ((_PEGA + "create", {"customerId": "customer"}), "connections/pega/create/customerId", "customer"),
    ((_DG + "env", "uk"), "connections/dg/env", "uk"),
    ((_DG + "vendor", "gd"), "connections/dg/vendor", "gd"),
    ((_DG + "vendor", REMOVED), "connections/dg", "vendor"),
    ((_DG + "tokenLifetime", "2d"), "connections/dg/tokenLifetime", "2d"),
]

#: Refused by signet alone: what a schema cannot say.
BEYOND_A_SCHEMA: list[Change] = [
    ("listen", "0.0.0.0:8787"),
    ("listen", "127.0.0.1:99999"),
    ("admin", {"listen": "0.0.0.0:9787"}),
    ("digestKey", "none"),
    ("digestKey", "pega"),
    ("callers", [_CALLER, _CALLER]),
    ("delivery", {"connect": "6s"}),
    (_TALKATIVE + "key", "none"),
    (_TALKATIVE + "key", "pega"),
    (_PEGA + "key", "dg"),
    (_DG + "key", "pega"),
    ("keys/dg/kid", REMOVED),
    (_TALKATIVE + "fields", [_FIELD, _FIELD]),
    (_DG + "externalId", {"from": "email", "required": False}),
    ("routes/r2", {"connection": "none"}),
    ("routes/r2", {**_CASES, "cases": [{"when": {}, "connection": "pega"}]}),
    ("routes/r2", {"migrate": {**_MIGRATION, "to": "dg"}}),
    ("routes/r2", {"migrate": {**_MIGRATION, "percent": 12.3456}}),
]

#: Read by signet and accepted by the schema, though nothing signs with it yet.
NOT_THERE_YET: list[Change] = [
    ("keys/spare", {"credential": "dg"}),
    ("keys/spare", {"exec": ["vault", "read", "dg"]}),
    ("keys/spare", {"file": "x", "notBefore": "2027-01-01T00:00:00Z", "notAfter": "2028-01-01T00:00:00Z"}),
    ("routes/r2", {"migrate": _MIGRATION}),
    (
        "routes/r2",
        {
            "migrate": {
                **_MIGRATION,
                "stickiness": "attributes.x",
                "salt": "s",
                "anonymous": "to",
                "fallbackAfter": "3s",
                "cohorts": [{"name": "staff", "when": {"segment": "staff"}, "percent": 100}],
                "pin": {"to": ["1"], "from": {"file": "stay.txt"}},
            }
        },
    ),
]


def changed(change: Change) -> dict[str, Any]:
    """The base with one change."""
    configuration = copy.deepcopy(BASE)
    place, value = change
    *parents, name = place.split("/")
    owner = configuration
    for parent in parents:
        owner = owner[parent]
    if value is REMOVED:
        del owner[name]
    else:
        owner[name] = value
    return configuration


def without_comments(text: str) -> str:
    """Plain JSON of JSON with comments and trailing commas."""
    string = r'"(?:\\.|[^"\\])*"'
    bare = re.sub(rf"({string})|//[^\n]*|/\*.*?\*/", lambda found: found[1] or " ", text, flags=re.DOTALL)
    return re.sub(rf"({string})|,(?=\s*[}}\]])", lambda found: found[1] or "", bare)
