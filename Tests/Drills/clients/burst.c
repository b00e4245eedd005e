/*
 * Many new TLS connections at once: all connect before any of them shakes hands; then a full handshake, one request with
 * `Connection: close`, its answer up to close_notify.
 *
 *   burst PORT CONNECTIONS SECONDS
 *
 * The connections come from 127.0.0.10 and the 29 addresses after it. Prints one line of JSON. What is not done after SECONDS has
 * failed; each failure is told by the step it happened in.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum step { CONNECTING, SHAKING, READING, DONE, STEPS };
static const char *const names[STEPS] = {"connect", "handshake", "answer", "done"};

struct connection {
    int descriptor;
    SSL *ssl;
    enum step step;
    char start[16];
    int length;
    double end;
};

static const char request[] = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
static int queue;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void wait_for(struct connection *one, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = one};
    epoll_ctl(queue, EPOLL_CTL_MOD, one->descriptor, &event);
}

static int finish(struct connection *one, int has_failed) {
    one->end = now();
    if (!has_failed) one->step = DONE;
    SSL_free(one->ssl);
    close(one->descriptor);
    return 1;
}

/* What libssl waits for, or the end with a failure. */
static int blocked(struct connection *one, int code) {
    int error = SSL_get_error(one->ssl, code);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return finish(one, 1);
    wait_for(one, error == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT);
    return 0;
}

/* Goes on as far as it can; 1 when the connection has ended. */
static int step(struct connection *one) {
    int code;
    ERR_clear_error();
    if (one->step == CONNECTING) {
        socklen_t size = sizeof code;
        if (getsockopt(one->descriptor, SOL_SOCKET, SO_ERROR, &code, &size) != 0 || code != 0) return finish(one, 1);
        one->step = SHAKING;
    }
    if (one->step == SHAKING) {
        if ((code = SSL_connect(one->ssl)) != 1) return blocked(one, code);
        one->step = READING;
        if (SSL_write(one->ssl, request, sizeof request - 1) != sizeof request - 1) return finish(one, 1);
    }
    char input[16384];
    while ((code = SSL_read(one->ssl, input, sizeof input)) > 0) {
        for (int index = 0; index < code && one->length < (int)sizeof one->start; index++)
            one->start[one->length++] = input[index];
    }
    if (SSL_get_error(one->ssl, code) == SSL_ERROR_ZERO_RETURN)
        return finish(one, one->length < 12 || memcmp(one->start, "HTTP/1.1 200", 12) != 0);
    return blocked(one, code);
}

int main(int count, char **words) {
    if (count != 4) return fprintf(stderr, "usage: burst PORT CONNECTIONS SECONDS\n"), 2;
    int port = atoi(words[1]), total = atoi(words[2]);
    double limit = atof(words[3]);
    struct connection *all = calloc((size_t)total, sizeof *all);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    queue = epoll_create1(EPOLL_CLOEXEC);
    double start = now();
    for (int index = 0; index < total; index++) {
        struct connection *one = &all[index];
        struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f00000a + (uint32_t)(index % 30))};
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(0x7f000001)};
        int yes = 1;
        one->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (one->descriptor < 0) return perror("socket"), 1;
        setsockopt(one->descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (bind(one->descriptor, (struct sockaddr *)&from, sizeof from) != 0) return perror("bind"), 1;
        if (connect(one->descriptor, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)
            return perror("connect"), 1;
        one->ssl = SSL_new(context);
        SSL_set_fd(one->ssl, one->descriptor);
        struct epoll_event event = {.events = EPOLLOUT, .data.ptr = one};
        epoll_ctl(queue, EPOLL_CTL_ADD, one->descriptor, &event);
    }
    double opened = now() - start;
    int open = total;
    while (open > 0 && now() < start + limit) {
        struct epoll_event events[256];
        int ready = epoll_wait(queue, events, 256, 100);
        for (int index = 0; index < ready; index++) open -= step(events[index].data.ptr);
    }
    int failed[STEPS] = {0};
    double last = 0;
    for (int index = 0; index < total; index++) {
        if (all[index].step != DONE) failed[all[index].step]++;
        if (all[index].end - start > last) last = all[index].end - start;
    }
    printf("{\"connections\":%d,\"opened\":%.3f,\"seconds\":%.3f,\"late\":%d", total, opened, last, open);
    for (int index = 0; index < DONE; index++) printf(",\"%s\":%d", names[index], failed[index]);
    printf("}\n");
    return 0;
}
