/*
 * New TLS connections: connect, a full handshake, one request with `Connection: close`, its answer to the end, close.
 *
 *   handshakes --port PORT --seconds N [--processes N] [--version 1.2|1.3]
 *
 * No session is ever offered again, so each handshake is a full one; it counts what was resumed nevertheless.
 */
#include "client.h"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct figures {
    uint64_t done, failed, resumed, unclean, longest;
    uint32_t histogram[BUCKETS];
};

static struct sockaddr_in address;
static char request[256];
static int request_length;

/* What went wrong, or NULL. */
static const char *connect_once(SSL_CTX *context, struct figures *figures) {
    const char *fault = NULL;
    struct timeval deadline = {.tv_sec = 5};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
    /* Else the request waits for an acknowledgement of what the client's Finished was sent in. */
    int one = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, descriptor);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        fault = "connect";
    } else if (SSL_connect(ssl) != 1) {
        fault = "handshake";
    } else if (SSL_write(ssl, request, request_length) != request_length) {
        fault = "write";
    } else {
        char input[16384];
        int read = 0, got, most = (int)sizeof input;
        while (read < most && (got = SSL_read(ssl, input + read, most - read)) > 0) read += got;
        if (read < 12 || memcmp(input, "HTTP/1.1 200", 12) != 0) fault = "answer";
        if (!(SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN)) figures->unclean++;
        figures->resumed += SSL_session_reused(ssl) != 0;
        SSL_shutdown(ssl);
    }
    if (fault && !figures->failed) {
        fprintf(stderr, "%s: ", fault);
        ERR_print_errors_fp(stderr);
        fprintf(stderr, "\n");
    }
    ERR_clear_error();
    SSL_free(ssl);
    close(descriptor);
    return fault;
}

static void go_on(struct figures *figures, uint64_t end, int version) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    for (uint64_t before = nanoseconds(CLOCK_MONOTONIC), now; before < end; before = now) {
        const char *fault = connect_once(context, figures);
        now = nanoseconds(CLOCK_MONOTONIC);
        uint64_t taken = (now - before) / 1000;
        figures->done += fault == NULL;
        figures->failed += fault != NULL;
        if (fault) usleep(1000);
        record(figures->histogram, taken);
        if (taken > figures->longest) figures->longest = taken;
    }
    SSL_CTX_free(context);
}

int main(int count, char **words) {
    const char *port = option(count, words, "--port", NULL);
    double seconds = atof(option(count, words, "--seconds", NULL));
    int processes = atoi(option(count, words, "--processes", "8"));
    int version = strcmp(option(count, words, "--version", "1.3"), "1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
    address = loopback(port);
    request_length = snprintf(
        request, sizeof request, "GET / HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n", port);

    if (processes < 1 || processes > 64) refuse("--processes is 1 to 64");
    struct figures *all = mmap(
        NULL, sizeof *all * (size_t)processes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) fail("mmap");
    uint64_t begin = nanoseconds(CLOCK_MONOTONIC);
    for (int index = 0; index < processes; index++) {
        pid_t child = fork();
        if (child < 0) fail("fork");
        if (child == 0) {
            go_on(&all[index], begin + (uint64_t)(seconds * 1e9), version);
            _exit(0);
        }
    }
    for (int index = 0, status; index < processes; index++) {
        if (wait(&status) < 0 || status != 0) refuse("a process of the client failed");
    }
    uint64_t taken = nanoseconds(CLOCK_MONOTONIC) - begin;
    struct figures *sum = &all[0];
    for (int index = 1; index < processes; index++) {
        sum->done += all[index].done;
        sum->failed += all[index].failed;
        sum->resumed += all[index].resumed;
        sum->unclean += all[index].unclean;
        if (all[index].longest > sum->longest) sum->longest = all[index].longest;
        for (uint64_t bucket = 0; bucket < BUCKETS && bucket <= all[index].longest; bucket++) {
            sum->histogram[bucket] += all[index].histogram[bucket];
        }
    }
    printf(
        "{\"requests\":%lu,\"microseconds\":%lu,\"p50\":%u,\"p99\":%u,\"longest\":%lu,\"failed\":%lu,\"resumed\":%lu,"
        "\"unclean\":%lu}\n",
        sum->done, taken / 1000, percentile(sum->histogram, sum->done + sum->failed, 0.5),
        percentile(sum->histogram, sum->done + sum->failed, 0.99), sum->longest, sum->failed, sum->resumed,
        sum->unclean);
}
