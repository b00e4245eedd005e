/*
 * The least that an HTTP server on epoll can do: what our server is compared with.
 *
 * One thread, level-triggered, keep-alive, pipelining. Of a request it reads where its head ends, and nothing else: no
 * method, no limits, no body, no deadlines. It does not run anywhere but in the benchmark.
 */
#define _GNU_SOURCE
#include "peer.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_DESCRIPTORS = 1 << 16, MOST_HEAD = 8192, MOST_EVENTS = 256 };

struct connection {
    size_t read;    /* bytes in `input` */
    size_t unsent;  /* bytes in `output` from `sent` on */
    size_t sent;
    char *output;   /* what the kernel did not take of an answer */
    char input[MOST_HEAD];
};

static struct connection *connections[MOST_DESCRIPTORS];
static int poller;

static char *answer;
static size_t answer_length;
static char *answer_date;
static char *answer_id;

static void make_answer(size_t body_length) {
    char *body = make_body(body_length);
    answer_length = (size_t)asprintf(
        &answer,
        "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: application/json\r\n"
        "X-Request-Id: 00000000-0000-4000-8000-000000000000\r\nContent-Length: %zu\r\n\r\n%s",
        body_length, body);
    answer_date = strstr(answer, "Thu, ");
    answer_id = strstr(answer, "00000000-");
    free(body);
}

static void stamp_date(void) {
    static time_t stamped;
    time_t now = time(NULL);
    if (now == stamped) return;
    stamped = now;
    struct tm fields;
    char text[30];
    gmtime_r(&now, &fields);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &fields);
    memcpy(answer_date, text, 29);
}

static void watch(int descriptor, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = descriptor};
    if (epoll_ctl(poller, operation, descriptor, &event) != 0) fail("epoll_ctl");
}

static void end(int descriptor) {
    free(connections[descriptor]->output);
    free(connections[descriptor]);
    connections[descriptor] = NULL;
    close(descriptor);
}

/* Answers each whole head. 0: the connection goes on, -1: it is at its end. */
static int answer_heads(int descriptor, struct connection *connection) {
    size_t from = 0;
    while (!connection->unsent) {
        char *head_end = memmem(connection->input + from, connection->read - from, "\r\n\r\n", 4);
        if (!head_end) break;
        from = (size_t)(head_end + 4 - connection->input);
        write_request_id(answer_id);
        ssize_t sent = send(descriptor, answer, answer_length, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) return -1;
        if (sent < 0) sent = 0;
        if ((size_t)sent == answer_length) continue;
        connection->unsent = answer_length - (size_t)sent;
        connection->sent = 0;
        connection->output = malloc(connection->unsent);
        if (!connection->output) fail("malloc");
        memcpy(connection->output, answer + sent, connection->unsent);
        watch(descriptor, EPOLL_CTL_MOD, EPOLLOUT);
    }
    connection->read -= from;
    if (from && connection->read) memmove(connection->input, connection->input + from, connection->read);
    return connection->read == MOST_HEAD && !connection->unsent ? -1 : 0;
}

static int receive(int descriptor, struct connection *connection) {
    ssize_t count = recv(descriptor, connection->input + connection->read, MOST_HEAD - connection->read, 0);
    if (count < 0) return errno == EAGAIN ? 0 : -1;
    if (count == 0) return -1;
    connection->read += (size_t)count;
    return answer_heads(descriptor, connection);
}

static int send_rest(int descriptor, struct connection *connection) {
    ssize_t sent = send(descriptor, connection->output + connection->sent, connection->unsent, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN ? 0 : -1;
    connection->sent += (size_t)sent;
    connection->unsent -= (size_t)sent;
    if (connection->unsent) return 0;
    free(connection->output);
    connection->output = NULL;
    watch(descriptor, EPOLL_CTL_MOD, EPOLLIN);
    return answer_heads(descriptor, connection);
}

static void accept_all(int listener) {
    for (;;) {
        int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) return;
        if (descriptor >= MOST_DESCRIPTORS) {
            close(descriptor);
            continue;
        }
        int one = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        connections[descriptor] = malloc(sizeof(struct connection));
        if (!connections[descriptor]) fail("malloc");
        memset(connections[descriptor], 0, offsetof(struct connection, input));
        watch(descriptor, EPOLL_CTL_ADD, EPOLLIN);
    }
}

int main(int count, char **words) {
    struct options options = parse_options(count, words);
    make_answer(options.answer);

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    socklen_t length = sizeof options.address;
    if (bind(listener, (struct sockaddr *)&options.address, length) != 0) fail("bind");
    if (listen(listener, 4096) != 0) fail("listen");
    if (getsockname(listener, (struct sockaddr *)&options.address, &length) != 0) fail("getsockname");
    poller = epoll_create1(EPOLL_CLOEXEC);
    watch(listener, EPOLL_CTL_ADD, EPOLLIN);
    announce(ntohs(options.address.sin_port));

    struct epoll_event events[MOST_EVENTS];
    for (;;) {
        int ready = epoll_wait(poller, events, MOST_EVENTS, -1);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        stamp_date();
        for (int index = 0; index < ready; index++) {
            int descriptor = events[index].data.fd;
            if (descriptor == listener) {
                accept_all(listener);
                continue;
            }
            struct connection *connection = connections[descriptor];
            int is_over = connection->unsent ? send_rest(descriptor, connection) : receive(descriptor, connection);
            if (is_over) end(descriptor);
        }
    }
}
