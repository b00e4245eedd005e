# `make demo` and `make test` are the two commands; the others are what they are made of.
.POSIX:
.PHONY: help demo test test-deps deps static build bench lint format openapi interop interop-deps differential drills drills-deps \
  bench-server bench-deps plugin fuzz sanitize sanitize-memory install clean

PREFIX = /usr/local
SWIFT = swift
VENV = .build/interop
DRILLS_VENV = .build/drills
SECONDS = 3
STREAMS = 10000
SANITIZER_OPTIONS = --disable-xctest

help:
	@echo 'make demo      builds, signs one customer for all three vendors, and runs the gateway, in a scratch folder'
	@echo 'make test      runs every test'
	@echo 'make lint      swift format lint --strict'
	@echo 'make format    formats the sources in place'
	@echo 'make openapi   takes docs/openapi.json over into the sources'
	@echo 'make interop   lets openssl, node-jose, PyJWT, schemathesis, nginx, PostgreSQL and others check us, and us them'
	@echo 'make differential  byte streams through our HTTP server, nginx and Go; STREAMS=100000 for the full number'
	@echo 'make drills    load, restarts, crashes, hostile vendors and input; SECONDS=30 for the full lengths'
	@echo 'make bench-server  our HTTP server beside a bare C server, libmicrohttpd, Go and nginx; SECONDS=3 for each run'
	@echo 'make fuzz      libFuzzer on what reads bytes: HTTP, tokens, JSON, PEM, JWK, the configuration; SECONDS=600 for each'
	@echo 'make plugin    builds a signet with a vendor of its own, as another package would'
	@echo 'make sanitize  runs the tests under ThreadSanitizer and AddressSanitizer'
	@echo 'make sanitize-memory  AddressSanitizer alone, where it matters most'
	@echo 'make static    builds a signet that needs no Swift runtime'
	@echo 'make install   installs it under $(PREFIX)'

demo: build
	@.build/release/signet demo

# Servers and vendors are held to deadlines, so their tests have no neighbours that keep every processor busy.
TIMED = 'Signet(Gateway|Server|Delivery)Tests'
# Of the server's tests these compute, and keep every processor busy themselves.
COMPUTING = 'SignetServerTests.(ClientState|StreamReading|FuzzCorpus)Tests'

test: deps test-deps
	$(SWIFT) test --skip $(TIMED)
	$(SWIFT) test --filter SignetGatewayTests
	$(SWIFT) test --filter $(COMPUTING)
	$(SWIFT) test --filter SignetServerTests --skip $(COMPUTING)
	$(SWIFT) test --filter SignetDeliveryTests

# The other side of TLS, and clients of the gateway.
test-deps:
	@(for program in openssl curl patch; do command -v $$program >/dev/null || exit 1; done) || { \
	  echo 'installing openssl, curl and patch with apt-get'; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  $$sudo apt-get update -q && $$sudo apt-get install -y -q --no-install-recommends openssl curl patch ca-certificates; }

# The headers of two system libraries are all there is to install.
deps:
	@command -v $(SWIFT) >/dev/null || { echo 'Swift 6.2 or newer is missing: https://www.swift.org/install' >&2; exit 1; }
	@if pkg-config --exists libcrypto libssl libcurl 2>/dev/null \
	  || { [ -e /usr/include/openssl/ssl.h ] && [ -n "$$(find /usr/include -path '*curl/curl.h' 2>/dev/null)" ]; }; then :; \
	elif command -v apt-get >/dev/null; then \
	  echo 'installing libssl-dev, libcurl4-openssl-dev and pkg-config with apt-get'; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  $$sudo apt-get update -q && $$sudo apt-get install -y -q libssl-dev libcurl4-openssl-dev pkg-config; \
	else \
	  echo 'the headers of OpenSSL 3 or libcurl are missing: install libssl-dev and libcurl4-openssl-dev, or what your' \
	    'system calls them' >&2; exit 1; \
	fi

build: deps
	$(SWIFT) build -c release --product signet

# Servers to measure and to compare with others.
bench: deps
	$(SWIFT) build -c release --product signet-bench

lint:
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests

format:
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests

# The document as it is served. A test holds that both are the same.
OPENAPI = Sources/SignetGateway/Endpoints/OpenAPIDocument.swift

openapi:
	{ echo '/// The description of the API, as it stands in docs/openapi.json: generated from it by make openapi.'; \
	  echo 'enum OpenAPIDocument {'; \
	  echo '    static let bytes = Array(text.utf8)'; \
	  echo; \
	  echo '    private static let text = #"""'; \
	  sed 's/^/        /' docs/openapi.json; \
	  echo; \
	  echo '        """#'; \
	  echo '}'; } > $(OPENAPI)

# The other side is programs nobody here wrote. One that is missing fails the run.
PROGRAMS = node go sslscan openssl zsh fish curl nginx logrotate systemd-analyze psql initdb
# Where Debian puts programs that a user's own PATH does not have.
SYSTEM_PATH = $$PATH:/usr/sbin:$$(echo /usr/lib/postgresql/*/bin | tr ' ' :)

interop-deps:
	@[ -d /usr/share/nodejs/jose ] && python3 -c 'import ensurepip' 2>/dev/null && \
	  (for program in $(PROGRAMS); do PATH=$(SYSTEM_PATH) command -v $$program >/dev/null || exit 1; done) || { \
	  echo 'installing nodejs, node-jose, golang-go, sslscan, openssl, zsh, fish, curl, nginx-light, logrotate, systemd, postgresql and' \
	    'python3-venv with apt-get'; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  $$sudo apt-get update -q && \
	  $$sudo apt-get install -y -q --no-install-recommends nodejs node-jose golang-go sslscan openssl zsh fish curl nginx-light logrotate \
	    systemd postgresql python3-venv; }
	@[ -x $(VENV)/bin/pip ] || python3 -m venv $(VENV)
	@cmp -s Tests/Interop/requirements.txt $(VENV)/requirements.txt || { \
	  $(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps -r Tests/Interop/requirements.txt && \
	  cp Tests/Interop/requirements.txt $(VENV)/requirements.txt; }

interop: build bench interop-deps
	PATH=$(SYSTEM_PATH) STREAMS=$(STREAMS) $(VENV)/bin/python -m unittest discover --verbose --start-directory Tests/Interop

differential: bench interop-deps
	PATH=$(SYSTEM_PATH) STREAMS=$(STREAMS) $(VENV)/bin/python -m unittest discover --verbose --start-directory Tests/Interop \
	  --pattern test_front_differential.py

# What the gateway goes through here is what docs/drills.md tells of.
drills-deps:
	@python3 -c 'import ensurepip' 2>/dev/null && \
	  (for program in wrk nginx openssl cc strace; do PATH=$$PATH:/usr/sbin command -v $$program >/dev/null || exit 1; done) || { \
	  echo 'installing wrk, nginx-light, openssl, gcc, strace, libssl-dev and python3-venv with apt-get'; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  $$sudo apt-get update -q && \
	  $$sudo apt-get install -y -q --no-install-recommends wrk nginx-light openssl gcc strace libc6-dev libssl-dev \
	    python3-venv; }
	@[ -x $(DRILLS_VENV)/bin/pip ] || python3 -m venv $(DRILLS_VENV)
	@cmp -s Tests/Drills/requirements.txt $(DRILLS_VENV)/requirements.txt || { \
	  $(DRILLS_VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/Drills/requirements.txt && \
	  cp Tests/Drills/requirements.txt $(DRILLS_VENV)/requirements.txt; }

drills: build drills-deps
	DRILL_SECONDS=$(SECONDS) $(DRILLS_VENV)/bin/python -m unittest discover --verbose --start-directory Tests/Drills

BENCH_PROGRAMS = gcc go nginx openssl wrk

bench-deps:
	@[ -e /usr/include/microhttpd.h ] && \
	  (for program in $(BENCH_PROGRAMS); do PATH=$$PATH:/usr/sbin command -v $$program >/dev/null || exit 1; done) || { \
	  echo 'installing gcc, libmicrohttpd-dev, golang-go, nginx-light, openssl and wrk with apt-get'; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  $$sudo apt-get update -q && \
	  $$sudo apt-get install -y -q --no-install-recommends gcc libc6-dev libmicrohttpd-dev libssl-dev golang-go nginx-light \
	    openssl wrk; }

bench-server: bench bench-deps
	Tests/Benchmarks/server.py --seconds $(SECONDS)
	Tests/Benchmarks/server.py --latency --seconds $(SECONDS)
	Tests/Benchmarks/server.py --memory
	Tests/Benchmarks/server.py --tls --seconds $(SECONDS)
	Tests/Benchmarks/server.py --memory --tls

plugin: deps
	$(SWIFT) build --package-path Tests/OwnSignet
	Tests/OwnSignet/check

# The command as it is where there is no epoll: everything but the gateway's server.
# What libFuzzer finds stays in .build/fuzz; what is worth keeping goes to Fixtures/fuzz, which `make test` runs through.
FUZZED = http-head http-client token json pem jwk configuration

fuzz: deps
	SIGNET_FUZZ=1 $(SWIFT) build -c release --product signet-fuzz --scratch-path .build/fuzz
	for target in $(FUZZED); do \
	  mkdir -p .build/fuzz/corpus/$$target && \
	  $(SUPPRESSIONS) .build/fuzz/release/signet-fuzz $$target .build/fuzz/corpus/$$target Fixtures/fuzz/$$target \
	    -max_total_time=$(SECONDS) -max_len=4096 -dict=Tests/Fuzz/$${target%%-*}.dict -artifact_prefix=.build/fuzz/ \
	    -print_final_stats=1 || exit 1; done

SUPPRESSIONS = LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/Sanitizers/leaks.supp:print_suppressions=0
THREAD = $(SWIFT) test --sanitize=thread --scratch-path .build/thread $(SANITIZER_OPTIONS)
ADDRESS = $(SUPPRESSIONS) $(SWIFT) test --sanitize=address --scratch-path .build/address $(SANITIZER_OPTIONS)

sanitize: deps test-deps
	$(THREAD) --skip $(TIMED)
	$(THREAD) --filter SignetGatewayTests
	$(THREAD) --filter $(COMPUTING)
	$(THREAD) --filter SignetServerTests --skip $(COMPUTING)
	$(THREAD) --filter SignetDeliveryTests
	$(ADDRESS) --skip $(TIMED)
	$(ADDRESS) --filter SignetGatewayTests
	$(ADDRESS) --filter $(COMPUTING)
	$(ADDRESS) --filter SignetServerTests --skip $(COMPUTING)
	$(ADDRESS) --filter SignetDeliveryTests

# One of them where it matters most, for who has little time: what holds memory of C's, and a process of its own.
ADDRESSED = SignetJOSETests|SignetCLITests.Serve

sanitize-memory: deps test-deps
	$(ADDRESS) --filter '$(ADDRESSED)'
	$(ADDRESS) --filter SignetGatewayTests
	$(ADDRESS) --filter $(COMPUTING)
	$(ADDRESS) --filter SignetServerTests --skip $(COMPUTING)
	$(ADDRESS) --filter SignetDeliveryTests

static: deps
	$(SWIFT) build -c release --product signet --static-swift-stdlib --scratch-path .build/install

# Under sudo nothing is compiled that is there already, so that the build's files stay the user's.
install:
	@if [ "$$(id -u)" != 0 ] || [ ! -x .build/install/release/signet ]; then $(MAKE) static; fi
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 .build/install/release/signet $(DESTDIR)$(PREFIX)/bin/signet

clean:
	$(SWIFT) package clean
