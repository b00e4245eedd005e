/// The description of the API, as it stands in docs/openapi.json: generated from it by make openapi.
enum OpenAPIDocument {
    static let bytes = Array(text.utf8)

    private static let text = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Signet",
            "version": "0.1.0",
            "summary": "Tells each chat vendor who the customer is, in the vendor's own signed form.",
            "description": "For backends only. A backend that knows its signed-in customer asks for a badge by the name of a route, and gives it to its own page. Under `/v1/routes`, a request with an `Origin` or `Sec-Fetch-Site` field comes from a browser and is refused.\n\nBodies are strict JSON in UTF-8: no duplicate members, no unknown ones, at most 16 KiB. Paths are not decoded. `HEAD` works wherever `GET` does. No `X-Forwarded-*` field is read.\n\nA request that is not proper HTTP, too large or too slow to arrive is refused with 400, 408, 413, 414, 417, 431, 501 or 505, and the connection is closed.",
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"}
          },
          "servers": [{"url": "http://127.0.0.1:8787", "description": "The default of \"listen\""}],
          "security": [{"caller": []}],
          "tags": [
            {"name": "badges", "description": "What backends ask for"},
            {"name": "keys", "description": "Public halves of signing keys, open to all"},
            {"name": "description", "description": "This document, open to all"}
          ],
          "paths": {
            "/v1/routes/{route}/badge": {
              "parameters": [
                {
                  "name": "route",
                  "in": "path",
                  "required": true,
                  "description": "A route of the configuration. The path is not decoded.",
                  "schema": {"$ref": "#/components/schemas/Name"},
                  "example": "uk-store"
                }
              ],
              "post": {
                "operationId": "badge",
                "tags": ["badges"],
                "summary": "What a page may show its chat widget",
                "description": "Signs the identity for the vendor that the route leads to. If the vendor has to be called (Pega), the reply waits for the vendor's answers. An anonymous visitor always gets an answer. `kind` is `none` where the vendor signs nothing for one.",
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/json": {
                      "schema": {"$ref": "#/components/schemas/SigningRequest"},
                      "examples": {
                        "customer": {
                          "summary": "A customer",
                          "value": {
                            "subject": "12345",
                            "email": "ada@example.com",
                            "attributes": {"package": "gold"}
                          }
                        },
                        "anonymous": {"summary": "An anonymous visitor", "value": {"anonymous": true}},
                        "page": {
                          "summary": "A customer whose chat is not open yet",
                          "value": {"subject": "12345", "page": {"defer": true}}
                        }
                      }
                    }
                  }
                },
                "responses": {
                  "200": {
                    "description": "The badge",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                    },
                    "content": {
                      "application/json": {
                        "schema": {"$ref": "#/components/schemas/BadgeReply"},
                        "examples": {
                          "talkative": {
                            "summary": "Talkative: the page may hold the JWS",
                            "value": {
                              "route": "uk-store",
                              "vendor": "talkative",
                              "connection": "talkative-uk",
                              "issuedAt": "2026-11-21T00:00:13Z",
                              "expiresAt": null,
                              "subjectTag": "mN3vXcQ0aWq1yZ8kTt5B2g",
                              "badge": {
                                "kind": "signedInteractionData",
                                "value": "eyJhbGciOiJFUzI1NiJ9.W3sibGFiZWwiOiJDdXN0b21lciBJRCIsImRhdGEiOiIxMjM0NSIsInR5cGUiOiJzdHJpbmcifV0.l0oyG9y2jvA4f9GCLvD9dQ5DYRzoSe86",
                                "widgetId": "11111111-2222-4333-8444-555555555555",
                                "region": "eu",
                                "api": "standby",
                                "script": "https://eu.engage.app/api/ecs/v1/loader/11111111-2222-4333-8444-555555555555.js"
                              }
                            }
                          },
                          "dg": {
                            "summary": "DG: the page may hold the token and fetches the next one before it expires",
                            "value": {
                              "route": "eu-store",
                              "vendor": "dg",
                              "connection": "dg-eu",
                              "issuedAt": "2026-11-21T00:00:13Z",
                              "expiresAt": "2026-11-21T00:15:13Z",
                              "subjectTag": "mN3vXcQ0aWq1yZ8kTt5B2g",
                              "badge": {
                                "kind": "authToken",
                                "value": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImRnX2xpdmVfMSJ9.eyJzY29wZSI6InVzZXIiLCJleHRlcm5hbF9pZCI6IjEyMzQ1In0.p2Qb8dT4",
                                "widgetId": "22df40c4-110f-4b6f-aa2b-aeaffd6d1179",
                                "env": "eu",
                                "script": "https://chat.digitalgenius.com/init.js",
                                "refreshInSeconds": 720
                              }
                            }
                          },
                          "pega": {
                            "summary": "Pega: the session's id, once the private data has arrived",
                            "value": {
                              "route": "us-store",
                              "vendor": "pega",
                              "connection": "pega-us",
                              "issuedAt": "2026-11-21T00:00:13Z",
                              "expiresAt": null,
                              "subjectTag": "mN3vXcQ0aWq1yZ8kTt5B2g",
                              "badge": {
                                "kind": "sessionId",
                                "value": "7e3c1a90",
                                "sessions": "create",
                                "widgetId": "4d88d63c-b3d9-49ee-8f77-adeb5d4fc223",
                                "region": "use1",
                                "script": "https://widget.use1.chat.pega.digital/4d88d63c-b3d9-49ee-8f77-adeb5d4fc223/widget.js"
                              }
                            }
                          },
                          "pegaDeferred": {
                            "summary": "Pega, deferred: Pega was not called yet",
                            "value": {
                              "route": "us-store",
                              "vendor": "pega",
                              "connection": "pega-us",
                              "issuedAt": "2026-11-21T00:00:13Z",
                              "expiresAt": null,
                              "subjectTag": "mN3vXcQ0aWq1yZ8kTt5B2g",
                              "badge": {
                                "kind": "sessionId",
                                "value": null,
                                "sessions": "create",
                                "widgetId": "4d88d63c-b3d9-49ee-8f77-adeb5d4fc223",
                                "region": "use1",
                                "script": "https://widget.use1.chat.pega.digital/4d88d63c-b3d9-49ee-8f77-adeb5d4fc223/widget.js"
                              }
                            }
                          },
                          "anonymous": {
                            "summary": "An anonymous visitor at a vendor that signs nothing for one",
                            "value": {
                              "route": "uk-store",
                              "vendor": "talkative",
                              "connection": "talkative-uk",
                              "issuedAt": "2026-11-21T00:00:13Z",
                              "expiresAt": null,
                              "subjectTag": null,
                              "badge": {
                                "kind": "none",
                                "widgetId": "11111111-2222-4333-8444-555555555555",
                                "region": "eu",
                                "api": "standby",
                                "script": "https://eu.engage.app/api/ecs/v1/loader/11111111-2222-4333-8444-555555555555.js"
                              }
                            }
                          }
                        }
                      }
                    }
                  },
                  "400": {"$ref": "#/components/responses/IdentityMalformed"},
                  "401": {"$ref": "#/components/responses/CallerUnknown"},
                  "403": {"$ref": "#/components/responses/NotAllowed"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "405": {"$ref": "#/components/responses/MethodNotAllowed"},
                  "408": {"$ref": "#/components/responses/RequestTimeout"},
                  "413": {"$ref": "#/components/responses/BodyTooLarge"},
                  "414": {"$ref": "#/components/responses/TargetTooLong"},
                  "415": {"$ref": "#/components/responses/MediaTypeNotSupported"},
                  "417": {"$ref": "#/components/responses/ExpectationFailed"},
                  "422": {
                    "description": "The identity lacks what the vendor needs, or does not fit",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                    },
                    "content": {
                      "application/problem+json": {
                        "schema": {
                          "allOf": [
                            {"$ref": "#/components/schemas/Problem"},
                            {
                              "properties": {
                                "status": {"const": 422},
                                "code": {
                                  "enum": [
                                    "identity-incomplete",
                                    "token-too-large",
                                    "nothing-to-sign",
                                    "session-required",
                                    "session-not-accepted",
                                    "badge-not-possible"
                                  ]
                                }
                              }
                            }
                          ]
                        }
                      }
                    }
                  },
                  "429": {"$ref": "#/components/responses/RateLimited"},
                  "431": {"$ref": "#/components/responses/HeaderTooLarge"},
                  "500": {"$ref": "#/components/responses/SigningFailed"},
                  "501": {"$ref": "#/components/responses/CodingNotSupported"},
                  "502": {
                    "description": "The vendor refused, was not reached, or gave an answer that cannot be used",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                    },
                    "content": {
                      "application/problem+json": {
                        "schema": {
                          "allOf": [
                            {"$ref": "#/components/schemas/Problem"},
                            {
                              "properties": {
                                "status": {"const": 502},
                                "code": {
                                  "enum": ["vendor-refused", "vendor-unreachable", "vendor-answer-senseless"]
                                }
                              }
                            }
                          ]
                        }
                      }
                    }
                  },
                  "503": {
                    "description": "Nothing can be handed out at the moment",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control"},
                      "Retry-After": {"$ref": "#/components/headers/Retry-After"}
                    },
                    "content": {
                      "application/problem+json": {
                        "schema": {
                          "allOf": [
                            {"$ref": "#/components/schemas/Problem"},
                            {
                              "properties": {
                                "status": {"const": 503},
                                "code": {
                                  "enum": ["circuit-open", "vendor-busy", "audit-unavailable", "draining", "overloaded"]
                                }
                              }
                            }
                          ]
                        }
                      }
                    }
                  },
                  "504": {
                    "description": "The vendor, or the whole request, was too slow",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                    },
                    "content": {
                      "application/problem+json": {
                        "schema": {
                          "allOf": [
                            {"$ref": "#/components/schemas/Problem"},
                            {
                              "properties": {
                                "status": {"const": 504},
                                "code": {"enum": ["vendor-too-slow", "request-deadline"]}
                              }
                            }
                          ]
                        }
                      }
                    }
                  },
                  "505": {"$ref": "#/components/responses/VersionNotSupported"}
                }
              }
            },
            "/v1/routes/{route}/sign": {
              "parameters": [
                {
                  "name": "route",
                  "in": "path",
                  "required": true,
                  "description": "A route of the configuration. The path is not decoded.",
                  "schema": {"$ref": "#/components/schemas/Name"},
                  "example": "uk-store"
                }
              ],
              "post": {
                "operationId": "sign",
                "tags": ["badges"],
                "summary": "The signed identity with its token",
                "description": "For backends that send the signed identity to the vendor themselves. The caller needs \"sign\" in its `allow`. No vendor is called. A Pega token is for the session in `sessionId`; without one it is for creating a session.",
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/json": {
                      "schema": {"$ref": "#/components/schemas/SigningRequest"},
                      "examples": {
                        "customer": {
                          "summary": "A customer",
                          "value": {
                            "subject": "12345",
                            "email": "ada@example.com",
                            "attributes": {"package": "gold"}
                          }
                        },
                        "anonymous": {"summary": "An anonymous visitor", "value": {"anonymous": true}},
                        "page": {
                          "summary": "A customer whose chat is not open yet",
                          "value": {"subject": "12345", "page": {"defer": true}}
                        }
                      }
                    }
                  }
                },
                "responses": {
                  "200": {
                    "description": "The signed identity",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                    },
                    "content": {
                      "application/json": {
                        "schema": {"$ref": "#/components/schemas/SignedIdentity"},
                        "examples": {
                          "dg": {
                            "summary": "A token that a browser may hold",
                            "value": {
                              "route": "eu-store",
                              "vendor": "dg",
                              "connection": "dg-eu",
                              "key": "dg-eu",
                              "token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImRnX2xpdmVfMSJ9.eyJzY29wZSI6InVzZXIiLCJleHRlcm5hbF9pZCI6IjEyMzQ1In0.p2Qb8dT4",
                              "browserSafe": true,
                              "issuedAt": "2026-11-21T00:00:13Z",
                              "expiresAt": "2026-11-21T00:15:13Z"
                            }
                          },
                          "pega": {
                            "summary": "A token that stays on the backend, and the one request that it is for",
                            "value": {
                              "route": "us-store",
                              "vendor": "pega",
                              "connection": "pega-us",
                              "key": "pega-us",
                              "token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiI3ZTNjMWE5MCJ9.fXk1aWQ3",
                              "browserSafe": false,
                              "issuedAt": "2026-11-21T00:00:13Z",
                              "expiresAt": "2026-11-21T00:05:13Z",
                              "request": {
                                "method": "POST",
                                "url": "https://widget.use1.chat.pega.digital/private-data",
                                "headers": {
                                  "Content-Type": "application/json",
                                  "Authorization": "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiI3ZTNjMWE5MCJ9.fXk1aWQ3"
                                },
                                "body": "{\"externalUserId\":\"12345\"}"
                              }
                            }
                          }
                        }
                      }
                    }
                  },
                  "400": {"$ref": "#/components/responses/IdentityMalformed"},
                  "401": {"$ref": "#/components/responses/CallerUnknown"},
                  "403": {"$ref": "#/components/responses/NotAllowed"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "405": {"$ref": "#/components/responses/MethodNotAllowed"},
                  "408": {"$ref": "#/components/responses/RequestTimeout"},
                  "413": {"$ref": "#/components/responses/BodyTooLarge"},
                  "414": {"$ref": "#/components/responses/TargetTooLong"},
                  "415": {"$ref": "#/components/responses/MediaTypeNotSupported"},
                  "417": {"$ref": "#/components/responses/ExpectationFailed"},
                  "422": {
                    "description": "The identity lacks what the vendor needs, or does not fit",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                    },
                    "content": {
                      "application/problem+json": {
                        "schema": {
                          "allOf": [
                            {"$ref": "#/components/schemas/Problem"},
                            {
                              "properties": {
                                "status": {"const": 422},
                                "code": {
                                  "enum": [
                                    "identity-incomplete",
                                    "token-too-large",
                                    "nothing-to-sign",
                                    "session-required",
                                    "session-not-accepted"
                                  ]
                                }
                              }
                            }
                          ]
                        }
                      }
                    }
                  },
                  "429": {"$ref": "#/components/responses/RateLimited"},
                  "431": {"$ref": "#/components/responses/HeaderTooLarge"},
                  "500": {"$ref": "#/components/responses/SigningFailed"},
                  "501": {"$ref": "#/components/responses/CodingNotSupported"},
                  "503": {
                    "description": "Nothing can be handed out at the moment",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control"},
                      "Retry-After": {"$ref": "#/components/headers/Retry-After"}
                    },
                    "content": {
                      "application/problem+json": {
                        "schema": {
                          "allOf": [
                            {"$ref": "#/components/schemas/Problem"},
                            {
                              "properties": {
                                "status": {"const": 503},
                                "code": {"enum": ["audit-unavailable", "overloaded"]}
                              }
                            }
                          ]
                        }
                      }
                    }
                  },
                  "505": {"$ref": "#/components/responses/VersionNotSupported"}
                }
              }
            },
            "/v1/routes": {
              "get": {
                "operationId": "routes",
                "tags": ["badges"],
                "summary": "What this caller may use",
                "responses": {
                  "200": {
                    "description": "The caller, its rights and its routes",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                    },
                    "content": {
                      "application/json": {
                        "schema": {"$ref": "#/components/schemas/RouteList"},
                        "examples": {
                          "storefront": {
                            "summary": "A caller with two routes",
                            "value": {
                              "caller": "storefront",
                              "allow": ["badge"],
                              "routes": [
                                {"name": "support", "connections": ["talkative-uk", "pega-us"]},
                                {"name": "uk-store", "connections": ["talkative-uk"]}
                              ]
                            }
                          }
                        }
                      }
                    }
                  },
                  "400": {"$ref": "#/components/responses/MalformedRequest"},
                  "401": {"$ref": "#/components/responses/CallerUnknown"},
                  "403": {
                    "description": "The caller may not do this",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                    },
                    "content": {
                      "application/problem+json": {
                        "schema": {
                          "allOf": [
                            {"$ref": "#/components/schemas/Problem"},
                            {
                              "properties": {"status": {"const": 403}, "code": {"enum": ["browser-not-allowed"]}}
                            }
                          ]
                        }
                      }
                    }
                  },
                  "405": {"$ref": "#/components/responses/MethodNotAllowed"},
                  "408": {"$ref": "#/components/responses/RequestTimeout"},
                  "413": {"$ref": "#/components/responses/BodyTooLarge"},
                  "414": {"$ref": "#/components/responses/TargetTooLong"},
                  "417": {"$ref": "#/components/responses/ExpectationFailed"},
                  "429": {"$ref": "#/components/responses/RateLimited"},
                  "431": {"$ref": "#/components/responses/HeaderTooLarge"},
                  "501": {"$ref": "#/components/responses/CodingNotSupported"},
                  "503": {"$ref": "#/components/responses/Overloaded"},
                  "505": {"$ref": "#/components/responses/VersionNotSupported"}
                }
              }
            },
            "/.well-known/jwks.json": {
              "get": {
                "operationId": "jwks",
                "tags": ["keys"],
                "summary": "The public keys that sign, as a JWK Set (RFC 7517)",
                "security": [],
                "responses": {
                  "200": {
                    "description": "The keys",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control-Published"}
                    },
                    "content": {"application/jwk-set+json": {"schema": {"$ref": "#/components/schemas/JWKSet"}}}
                  },
                  "400": {"$ref": "#/components/responses/MalformedRequest"},
                  "405": {"$ref": "#/components/responses/MethodNotAllowed"},
                  "408": {"$ref": "#/components/responses/RequestTimeout"},
                  "413": {"$ref": "#/components/responses/BodyTooLarge"},
                  "414": {"$ref": "#/components/responses/TargetTooLong"},
                  "417": {"$ref": "#/components/responses/ExpectationFailed"},
                  "431": {"$ref": "#/components/responses/HeaderTooLarge"},
                  "501": {"$ref": "#/components/responses/CodingNotSupported"},
                  "503": {"$ref": "#/components/responses/Overloaded"},
                  "505": {"$ref": "#/components/responses/VersionNotSupported"}
                }
              }
            },
            "/v1/keys/{name}/public.pem": {
              "parameters": [
                {
                  "name": "name",
                  "in": "path",
                  "required": true,
                  "description": "A key of the configuration that a connection uses.",
                  "schema": {"$ref": "#/components/schemas/Name"},
                  "example": "talkative-uk-2026"
                }
              ],
              "get": {
                "operationId": "publicKey",
                "tags": ["keys"],
                "summary": "The public half of one key, as PEM (SPKI)",
                "security": [],
                "responses": {
                  "200": {
                    "description": "The key",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control-Published"}
                    },
                    "content": {
                      "application/x-pem-file": {
                        "schema": {
                          "type": "string",
                          "pattern": "^-----BEGIN PUBLIC KEY-----\\n[A-Za-z0-9+/=\\n]+-----END PUBLIC KEY-----\\n$"
                        }
                      }
                    }
                  },
                  "400": {"$ref": "#/components/responses/MalformedRequest"},
                  "404": {
                    "description": "There is nothing at this path, or no such route",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                    },
                    "content": {
                      "application/problem+json": {
                        "schema": {
                          "allOf": [
                            {"$ref": "#/components/schemas/Problem"},
                            {"properties": {"status": {"const": 404}, "code": {"enum": ["not-found"]}}}
                          ]
                        }
                      }
                    }
                  },
                  "405": {"$ref": "#/components/responses/MethodNotAllowed"},
                  "408": {"$ref": "#/components/responses/RequestTimeout"},
                  "413": {"$ref": "#/components/responses/BodyTooLarge"},
                  "414": {"$ref": "#/components/responses/TargetTooLong"},
                  "417": {"$ref": "#/components/responses/ExpectationFailed"},
                  "431": {"$ref": "#/components/responses/HeaderTooLarge"},
                  "501": {"$ref": "#/components/responses/CodingNotSupported"},
                  "503": {"$ref": "#/components/responses/Overloaded"},
                  "505": {"$ref": "#/components/responses/VersionNotSupported"}
                }
              }
            },
            "/openapi.json": {
              "get": {
                "operationId": "openAPI",
                "tags": ["description"],
                "summary": "This document",
                "security": [],
                "responses": {
                  "200": {
                    "description": "The document",
                    "headers": {
                      "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                      "Cache-Control": {"$ref": "#/components/headers/Cache-Control-Published"}
                    },
                    "content": {
                      "application/json": {"schema": {"type": "object", "required": ["openapi", "info", "paths"]}}
                    }
                  },
                  "400": {"$ref": "#/components/responses/MalformedRequest"},
                  "405": {"$ref": "#/components/responses/MethodNotAllowed"},
                  "408": {"$ref": "#/components/responses/RequestTimeout"},
                  "413": {"$ref": "#/components/responses/BodyTooLarge"},
                  "414": {"$ref": "#/components/responses/TargetTooLong"},
                  "417": {"$ref": "#/components/responses/ExpectationFailed"},
                  "431": {"$ref": "#/components/responses/HeaderTooLarge"},
                  "501": {"$ref": "#/components/responses/CodingNotSupported"},
                  "503": {"$ref": "#/components/responses/Overloaded"},
                  "505": {"$ref": "#/components/responses/VersionNotSupported"}
                }
              }
            }
          },
          "components": {
            "securitySchemes": {
              "caller": {
                "type": "http",
                "scheme": "bearer",
                "description": "A caller's token, `signet_…`, as `signet callers create NAME` prints it. The configuration holds only its SHA-256."
              }
            },
            "headers": {
              "X-Request-Id": {
                "description": "The request's id, as the log and the audit have it.",
                "required": true,
                "schema": {"$ref": "#/components/schemas/RequestId"}
              },
              "Cache-Control": {
                "description": "Answers for one caller and problems may not be cached.",
                "required": true,
                "schema": {"type": "string", "const": "no-store"}
              },
              "Cache-Control-Published": {
                "description": "Public answers may be cached for five minutes.",
                "required": true,
                "schema": {"type": "string", "const": "public, max-age=300"}
              },
              "Retry-After": {
                "description": "How many seconds to wait before asking again.",
                "required": true,
                "schema": {"type": "string", "pattern": "^[0-9]+$"},
                "example": "1"
              },
              "Allow": {
                "description": "The methods that the path allows.",
                "required": true,
                "schema": {"type": "string", "enum": ["POST", "GET, HEAD"]}
              },
              "WWW-Authenticate": {
                "description": "How a caller says who it is (RFC 6750).",
                "required": true,
                "schema": {"type": "string", "const": "Bearer realm=\"signet\""}
              }
            },
            "responses": {
              "BodyTooLarge": {
                "description": "The body is too large",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {"properties": {"status": {"const": 413}, "code": {"enum": ["body-too-large"]}}}
                      ]
                    }
                  }
                }
              },
              "CallerUnknown": {
                "description": "The caller is not known",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"},
                  "WWW-Authenticate": {"$ref": "#/components/headers/WWW-Authenticate"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {"properties": {"status": {"const": 401}, "code": {"enum": ["caller-unknown"]}}}
                      ]
                    }
                  }
                }
              },
              "CodingNotSupported": {
                "description": "The transfer coding is not supported",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {"status": {"const": 501}, "code": {"enum": ["coding-not-supported"]}}
                        }
                      ]
                    }
                  }
                }
              },
              "ExpectationFailed": {
                "description": "The expectation cannot be met",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {"status": {"const": 417}, "code": {"enum": ["expectation-failed"]}}
                        }
                      ]
                    }
                  }
                }
              },
              "HeaderTooLarge": {
                "description": "The header is too large",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {"status": {"const": 431}, "code": {"enum": ["header-too-large"]}}
                        }
                      ]
                    }
                  }
                }
              },
              "IdentityMalformed": {
                "description": "The request is malformed",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {
                            "status": {"const": 400},
                            "code": {"enum": ["malformed-request", "tls-required", "identity-malformed"]}
                          }
                        }
                      ]
                    }
                  }
                }
              },
              "MalformedRequest": {
                "description": "The request is malformed",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {"status": {"const": 400}, "code": {"enum": ["malformed-request", "tls-required"]}}
                        }
                      ]
                    }
                  }
                }
              },
              "MediaTypeNotSupported": {
                "description": "The body is not declared as JSON, or is encoded",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {
                            "status": {"const": 415},
                            "code": {"enum": ["media-type-not-supported", "content-encoding-not-supported"]}
                          }
                        }
                      ]
                    }
                  }
                }
              },
              "MethodNotAllowed": {
                "description": "This path does not allow the method",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"},
                  "Allow": {"$ref": "#/components/headers/Allow"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {"status": {"const": 405}, "code": {"enum": ["method-not-allowed"]}}
                        }
                      ]
                    }
                  }
                }
              },
              "NotAllowed": {
                "description": "The caller may not do this",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {
                            "status": {"const": 403},
                            "code": {"enum": ["browser-not-allowed", "route-not-allowed", "right-not-given"]}
                          }
                        }
                      ]
                    }
                  }
                }
              },
              "NotFound": {
                "description": "There is nothing at this path, or no such route",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {"status": {"const": 404}, "code": {"enum": ["route-unknown", "not-found"]}}
                        }
                      ]
                    }
                  }
                }
              },
              "Overloaded": {
                "description": "Too many requests at once",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"},
                  "Retry-After": {"$ref": "#/components/headers/Retry-After"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {"status": {"const": 503}, "code": {"enum": ["overloaded"]}}
                        }
                      ]
                    }
                  }
                }
              },
              "RateLimited": {
                "description": "The caller asks too often",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"},
                  "Retry-After": {"$ref": "#/components/headers/Retry-After"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {"properties": {"status": {"const": 429}, "code": {"enum": ["rate-limited"]}}}
                      ]
                    }
                  }
                }
              },
              "RequestTimeout": {
                "description": "The request took too long",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {"status": {"const": 408}, "code": {"enum": ["request-timeout"]}}
                        }
                      ]
                    }
                  }
                }
              },
              "SigningFailed": {
                "description": "The gateway could not sign",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {
                            "status": {"const": 500},
                            "code": {
                              "enum": ["no-signing-key", "signing-failed", "connection-unknown", "routing-invalid"]
                            }
                          }
                        }
                      ]
                    }
                  }
                }
              },
              "TargetTooLong": {
                "description": "The request target is too long",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {"status": {"const": 414}, "code": {"enum": ["target-too-long"]}}
                        }
                      ]
                    }
                  }
                }
              },
              "VersionNotSupported": {
                "description": "The version of HTTP is not supported",
                "headers": {
                  "X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"},
                  "Cache-Control": {"$ref": "#/components/headers/Cache-Control"}
                },
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                          "properties": {"status": {"const": 505}, "code": {"enum": ["version-not-supported"]}}
                        }
                      ]
                    }
                  }
                }
              }
            },
            "schemas": {
              "Name": {
                "type": "string",
                "description": "A name of the configuration.",
                "pattern": "^[a-z0-9][a-z0-9._-]{0,63}$"
              },
              "RequestId": {
                "type": "string",
                "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
              },
              "Time": {
                "type": "string",
                "description": "RFC 3339, UTC, whole seconds.",
                "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
                "examples": ["2026-11-21T00:00:13Z"]
              },
              "SessionId": {
                "type": "string",
                "description": "A vendor's id of one chat session: 1 to 256 URL-safe characters. It opens the chat: treat it as a secret.",
                "pattern": "^[A-Za-z0-9._~-]{1,256}$"
              },
              "SigningRequest": {
                "description": "Who the customer is, or that the visitor is anonymous, and the context.",
                "oneOf": [
                  {"$ref": "#/components/schemas/CustomerRequest"},
                  {"$ref": "#/components/schemas/AnonymousRequest"}
                ]
              },
              "CustomerRequest": {
                "type": "object",
                "properties": {
                  "subject": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 256,
                    "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
                    "description": "The company's own id for the customer: 1 to 256 bytes of UTF-8, no control characters."
                  },
                  "email": {
                    "type": ["string", "null"],
                    "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
                    "description": "The customer's e-mail address. An empty string means absent, also in name, phone, visitorId and sessionId. In every optional member, null means absent."
                  },
                  "name": {
                    "type": ["string", "null"],
                    "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
                    "description": "Their name."
                  },
                  "phone": {
                    "type": ["string", "null"],
                    "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
                    "description": "Their telephone number."
                  },
                  "attributes": {
                    "type": ["object", "null"],
                    "description": "Further facts about the customer. No control characters but tabs and line breaks.",
                    "propertyNames": {"pattern": "^[A-Za-z][A-Za-z0-9_-]{0,63}$"},
                    "additionalProperties": {
                      "type": ["string", "null"],
                      "pattern": "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$"
                    },
                    "examples": [{"package": "gold"}]
                  },
                  "anonymous": {"enum": [false, null]},
                  "context": {
                    "type": ["object", "null"],
                    "description": "Read by \"when\" in the configuration. Never signed and never sent.",
                    "additionalProperties": {"type": ["string", "null"]},
                    "examples": [{"brand": "acme", "locale": "en-GB"}]
                  },
                  "visitorId": {
                    "type": ["string", "null"],
                    "description": "A stable id of the anonymous visitor, for the percentage of a migration. Never signed and never sent."
                  },
                  "sessionId": {
                    "description": "A session id that this backend kept (Pega). The private data is delivered to that session.",
                    "oneOf": [{"$ref": "#/components/schemas/SessionId"}, {"enum": ["", null]}]
                  },
                  "page": {
                    "description": "The page's own request, passed on unread: as an object, or as its JSON text in a string of at most 4 KiB. It can never set the identity.",
                    "oneOf": [
                      {"$ref": "#/components/schemas/Page"},
                      {"type": "string", "maxLength": 4096, "contentMediaType": "application/json", "contentSchema": {"$ref": "#/components/schemas/Page"}},
                      {"type": "null"}
                    ]
                  }
                },
                "required": ["subject"],
                "additionalProperties": false,
                "description": "A customer who has logged in."
              },
              "AnonymousRequest": {
                "type": "object",
                "properties": {
                  "anonymous": {"const": true},
                  "subject": {"type": "null"},
                  "email": {"enum": ["", null]},
                  "name": {"enum": ["", null]},
                  "phone": {"enum": ["", null]},
                  "attributes": {"type": "null"},
                  "context": {
                    "type": ["object", "null"],
                    "description": "Read by \"when\" in the configuration. Never signed and never sent.",
                    "additionalProperties": {"type": ["string", "null"]},
                    "examples": [{"brand": "acme", "locale": "en-GB"}]
                  },
                  "visitorId": {
                    "type": ["string", "null"],
                    "description": "A stable id of the anonymous visitor, for the percentage of a migration. Never signed and never sent."
                  },
                  "sessionId": {
                    "description": "A session id that this backend kept (Pega). The private data is delivered to that session.",
                    "oneOf": [{"$ref": "#/components/schemas/SessionId"}, {"enum": ["", null]}]
                  },
                  "page": {
                    "description": "The page's own request, passed on unread: as an object, or as its JSON text in a string of at most 4 KiB. It can never set the identity.",
                    "oneOf": [
                      {"$ref": "#/components/schemas/Page"},
                      {"type": "string", "maxLength": 4096, "contentMediaType": "application/json", "contentSchema": {"$ref": "#/components/schemas/Page"}},
                      {"type": "null"}
                    ]
                  }
                },
                "required": ["anonymous"],
                "additionalProperties": false,
                "description": "An anonymous visitor."
              },
              "Page": {
                "type": "object",
                "properties": {
                  "defer": {
                    "type": ["boolean", "null"],
                    "description": "If true, no session is created before the chat opens: no vendor is called, and the badge's value is null (Pega)."
                  },
                  "ongoing": {
                    "type": ["string", "null"],
                    "description": "The vendor or connection of the ongoing conversation."
                  },
                  "sessionId": {
                    "description": "The session id that the vendor's script reported to the page. Accepted only if the connection has \"sessions\": \"report\".",
                    "oneOf": [{"$ref": "#/components/schemas/SessionId"}, {"enum": ["", null]}]
                  }
                },
                "required": [],
                "additionalProperties": false
              },
              "BadgeReply": {
                "type": "object",
                "properties": {
                  "route": {"$ref": "#/components/schemas/Name"},
                  "vendor": {
                    "type": "string",
                    "description": "An open set: `pega`, `talkative`, `dg`, and the vendors of a company's own plugins.",
                    "examples": ["talkative"]
                  },
                  "connection": {"$ref": "#/components/schemas/Name"},
                  "issuedAt": {"$ref": "#/components/schemas/Time"},
                  "expiresAt": {
                    "description": "When the badge expires; null if it does not.",
                    "oneOf": [{"$ref": "#/components/schemas/Time"}, {"type": "null"}]
                  },
                  "subjectTag": {
                    "description": "A keyed digest of the subject, by which a page notices a change of customer; null for an anonymous visitor.",
                    "oneOf": [{"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$"}, {"type": "null"}]
                  },
                  "decision": {
                    "type": "object",
                    "properties": {"side": {"type": "string", "enum": ["from", "to"]}, "reason": {"type": "string"}},
                    "required": ["side", "reason"],
                    "additionalProperties": false,
                    "description": "The side of the migration, and why. Absent if the route has no migration."
                  },
                  "badge": {"$ref": "#/components/schemas/Badge"}
                },
                "required": ["route", "vendor", "connection", "issuedAt", "expiresAt", "subjectTag", "badge"],
                "additionalProperties": false
              },
              "Badge": {
                "description": "The page gives it to its widget. `kind` is an open set: plugins can have their own.",
                "anyOf": [
                  {"$ref": "#/components/schemas/SignedInteractionDataBadge"},
                  {"$ref": "#/components/schemas/AuthTokenBadge"},
                  {"$ref": "#/components/schemas/SessionIdBadge"},
                  {"$ref": "#/components/schemas/NoBadge"},
                  {"$ref": "#/components/schemas/OtherBadge"}
                ]
              },
              "SignedInteractionDataBadge": {
                "type": "object",
                "properties": {
                  "kind": {"const": "signedInteractionData"},
                  "value": {
                    "type": "string",
                    "description": "The JWS.",
                    "pattern": "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$",
                    "maxLength": 16384
                  },
                  "widgetId": {"type": "string"},
                  "region": {"enum": ["eu", "us", "au"]},
                  "api": {"enum": ["standby", "engage"]},
                  "script": {"type": "string", "format": "uri"}
                },
                "required": ["kind", "value", "api"],
                "additionalProperties": false,
                "description": "Talkative. Members that the configuration leaves out are absent."
              },
              "AuthTokenBadge": {
                "type": "object",
                "properties": {
                  "kind": {"const": "authToken"},
                  "value": {
                    "type": "string",
                    "description": "The JWT.",
                    "pattern": "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$",
                    "maxLength": 16384
                  },
                  "widgetId": {"type": "string"},
                  "env": {"enum": ["eu", "us", "dev.us"]},
                  "script": {"type": "string", "format": "uri"},
                  "refreshInSeconds": {"type": "integer", "minimum": 1, "description": "When to fetch the next one."}
                },
                "required": ["kind", "value", "script", "refreshInSeconds"],
                "additionalProperties": false,
                "description": "DG. Members that the configuration leaves out are absent."
              },
              "SessionIdBadge": {
                "type": "object",
                "properties": {
                  "kind": {"const": "sessionId"},
                  "value": {
                    "description": "The session id; null if none was created yet: the page asks again when the chat opens.",
                    "oneOf": [{"$ref": "#/components/schemas/SessionId"}, {"type": "null"}]
                  },
                  "sessions": {"enum": ["create", "report"]},
                  "widgetId": {"type": "string"},
                  "region": {"enum": ["ca", "euw1", "uk", "use1"]},
                  "script": {"type": "string", "format": "uri"}
                },
                "required": ["kind", "value", "sessions", "widgetId", "script"],
                "additionalProperties": false,
                "description": "Pega. Sent after the private data was delivered. Members that the configuration leaves out are absent."
              },
              "NoBadge": {
                "type": "object",
                "description": "An anonymous visitor: the widget's own members only.",
                "properties": {"kind": {"const": "none"}, "value": false},
                "required": ["kind"]
              },
              "OtherBadge": {
                "type": "object",
                "description": "The badge of a plugin's vendor.",
                "properties": {
                  "kind": {
                    "type": "string",
                    "not": {"enum": ["signedInteractionData", "authToken", "sessionId", "none"]}
                  }
                },
                "required": ["kind"]
              },
              "SignedIdentity": {
                "type": "object",
                "properties": {
                  "route": {"$ref": "#/components/schemas/Name"},
                  "vendor": {"type": "string"},
                  "connection": {"$ref": "#/components/schemas/Name"},
                  "key": {"$ref": "#/components/schemas/Name"},
                  "token": {
                    "type": "string",
                    "description": "The token. Never log it.",
                    "pattern": "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$",
                    "maxLength": 16384
                  },
                  "browserSafe": {"type": "boolean", "description": "Whether a page may hold the token."},
                  "issuedAt": {"$ref": "#/components/schemas/Time"},
                  "expiresAt": {"oneOf": [{"$ref": "#/components/schemas/Time"}, {"type": "null"}]},
                  "request": {"$ref": "#/components/schemas/VendorRequest"}
                },
                "required": ["route", "vendor", "connection", "key", "token", "browserSafe", "issuedAt", "expiresAt"],
                "additionalProperties": false,
                "oneOf": [
                  {"properties": {"browserSafe": {"const": true}, "request": false}},
                  {"properties": {"browserSafe": {"const": false}}, "required": ["request"]}
                ]
              },
              "VendorRequest": {
                "type": "object",
                "properties": {
                  "method": {"type": "string"},
                  "url": {"type": "string", "format": "uri"},
                  "headers": {"type": "object", "additionalProperties": {"type": "string"}},
                  "body": {"type": "string", "description": "The exact bytes, as a string."}
                },
                "required": ["method", "url", "headers", "body"],
                "additionalProperties": false,
                "description": "The one request that the token is for. Send it unchanged, to this URL only, and follow no redirect."
              },
              "RouteList": {
                "type": "object",
                "properties": {
                  "caller": {"$ref": "#/components/schemas/Name"},
                  "allow": {"type": "array", "items": {"enum": ["badge", "sign"]}, "uniqueItems": true},
                  "routes": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {
                        "name": {"$ref": "#/components/schemas/Name"},
                        "connections": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}}
                      },
                      "required": ["name", "connections"],
                      "additionalProperties": false
                    }
                  }
                },
                "required": ["caller", "allow", "routes"],
                "additionalProperties": false
              },
              "JWKSet": {
                "type": "object",
                "properties": {
                  "keys": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {
                        "kty": {"const": "EC"},
                        "crv": {"const": "P-256"},
                        "x": {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"},
                        "y": {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"},
                        "use": {"const": "sig"},
                        "alg": {"const": "ES256"},
                        "kid": {"type": "string"}
                      },
                      "required": ["kty", "crv", "x", "y", "use", "alg"],
                      "additionalProperties": false
                    }
                  }
                },
                "required": ["keys"],
                "additionalProperties": false
              },
              "Problem": {
                "type": "object",
                "properties": {
                  "type": {"type": "string", "pattern": "^urn:signet:problem:[a-z-]+$"},
                  "title": {"type": "string", "description": "The code in words."},
                  "status": {"type": "integer"},
                  "code": {"type": "string", "description": "Stable: programs match this."},
                  "detail": {
                    "type": "string",
                    "description": "What is wrong, and what to do about it. Contains no secret, token, session id or customer data."
                  },
                  "requestId": {"$ref": "#/components/schemas/RequestId"},
                  "errors": {
                    "type": "array",
                    "minItems": 1,
                    "description": "The members of the body that are at fault.",
                    "items": {
                      "type": "object",
                      "properties": {
                        "pointer": {
                          "type": "string",
                          "description": "A JSON Pointer (RFC 6901); empty for the whole body."
                        },
                        "code": {
                          "enum": [
                            "json",
                            "type",
                            "unknown",
                            "missing",
                            "conflict",
                            "empty",
                            "too-long",
                            "control-character",
                            "attribute-name",
                            "session-id",
                            "not-accepted"
                          ]
                        }
                      },
                      "required": ["pointer", "code"],
                      "additionalProperties": false
                    }
                  }
                },
                "required": ["type", "title", "status", "code", "detail", "requestId"],
                "additionalProperties": false,
                "description": "What went wrong (RFC 9457).",
                "examples": [
                  {
                    "type": "urn:signet:problem:identity-incomplete",
                    "title": "The identity lacks what the vendor needs",
                    "status": 422,
                    "code": "identity-incomplete",
                    "detail": "Talkative field \"Email\" needs email",
                    "requestId": "3f0c2f1e-6d55-4a3c-9d0e-6a7f3b1c9e42",
                    "errors": [{"pointer": "/email", "code": "missing"}]
                  }
                ]
              }
            }
          }
        }

        """#
}
