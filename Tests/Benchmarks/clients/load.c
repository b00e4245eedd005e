/*
 * Keeps connections busy: each sends a request, reads its answer, and sends the next.
 *
 * wrk spends more on a request than a bare server does. Under wrk such a server has idle turns, which make its
 * requests look dear. And a client that sleeps has to be woken by the server, which costs the slower server more. This
 * client spends less and never sleeps. It knows one request and one length of answer; an answer of another status or
 * length ends it with an error.
 *
 *   load --port PORT --connections N --seconds N [--warm-up SECONDS] [--processes PID,PID]
 *
 * It begins to count after the warm-up. The CPU time of the server's processes is read at both ends of what it counts.
 */
#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    uint64_t asked; /* when, in nanoseconds */
    size_t read;    /* bytes of the answer so far */
};

enum { MOST_DESCRIPTORS = 1 << 16, MOST_EVENTS = 256, MOST_PROCESSES = 16 };

static struct connection connections[MOST_DESCRIPTORS];
static uint32_t histogram[BUCKETS];
static char input[1 << 16];
static char request[256];
static size_t request_length;

static clockid_t clocks[MOST_PROCESSES];
static int clock_count;

static void find_clocks(const char *processes) {
    while (*processes && clock_count < MOST_PROCESSES) {
        char *rest;
        long process = strtol(processes, &rest, 10);
        if (clock_getcpuclockid((pid_t)process, &clocks[clock_count++]) != 0) refuse("no such process");
        processes = *rest == ',' ? rest + 1 : "";
    }
}

static uint64_t server_nanoseconds(void) {
    uint64_t sum = 0;
    for (int index = 0; index < clock_count; index++) sum += nanoseconds(clocks[index]);
    return sum;
}

static void ask(int descriptor, uint64_t now) {
    connections[descriptor] = (struct connection){.asked = now};
    if (send(descriptor, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) fail("send");
}

/* How long an answer is, head included. */
static size_t measure_answer(int descriptor) {
    ask(descriptor, 0);
    size_t read = 0, whole = 0;
    while (!whole || read < whole) {
        ssize_t count = recv(descriptor, input + read, sizeof input - 1 - read, 0);
        if (count <= 0) refuse("the first request has no answer");
        read += (size_t)count;
        input[read] = 0;
        char *head_end = strstr(input, "\r\n\r\n"), *length = strcasestr(input, "\r\nContent-Length:");
        if (head_end && (!length || length > head_end)) refuse("the answer has no Content-Length");
        if (head_end) whole = (size_t)(head_end + 4 - input) + (size_t)atol(length + 17);
    }
    if (read != whole) refuse("the answer is longer than it says");
    return whole;
}

int main(int count, char **words) {
    const char *port = option(count, words, "--port", NULL);
    int wanted = atoi(option(count, words, "--connections", NULL));
    uint64_t length = (uint64_t)(atof(option(count, words, "--seconds", NULL)) * 1e9);
    uint64_t warm_up = (uint64_t)(atof(option(count, words, "--warm-up", "0.5")) * 1e9);
    find_clocks(option(count, words, "--processes", ""));

    struct sockaddr_in address = loopback(port);
    request_length = (size_t)snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n\r\n", port);
    int poller = epoll_create1(EPOLL_CLOEXEC);
    size_t whole = 0;
    for (int index = 0; index < wanted; index++) {
        int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
        if (descriptor < 0 || descriptor >= MOST_DESCRIPTORS) fail("socket");
        if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (index == 0) whole = measure_answer(descriptor);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
        ask(descriptor, nanoseconds(CLOCK_MONOTONIC));
    }

    uint64_t begin = nanoseconds(CLOCK_MONOTONIC) + warm_up, end = begin + length, now = 0, began = 0;
    uint64_t requests = 0, longest = 0, spent = 0, answered = begin;
    struct epoll_event events[MOST_EVENTS];
    while (now < end) {
        int ready = epoll_wait(poller, events, MOST_EVENTS, 0);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        now = nanoseconds(CLOCK_MONOTONIC);
        if (ready > 0) answered = now;
        if (now > answered + 10000000000u) refuse("no connection has had an answer for 10 s");
        if (!began && now >= begin) {
            began = now;
            spent = server_nanoseconds();
        }
        for (int index = 0; index < ready; index++) {
            int descriptor = events[index].data.fd;
            struct connection *connection = &connections[descriptor];
            ssize_t got = recv(descriptor, input, sizeof input, 0);
            if (got <= 0) refuse("a connection was closed before its answer was whole");
            if (connection->read == 0 && memcmp(input, "HTTP/1.1 200", got < 12 ? (size_t)got : 12) != 0) {
                refuse("an answer is not a 200");
            }
            connection->read += (size_t)got;
            if (connection->read > whole) refuse("an answer is longer than the first");
            if (connection->read < whole) continue;
            now = nanoseconds(CLOCK_MONOTONIC);
            if (began) {
                uint64_t taken = (now - connection->asked) / 1000;
                if (taken > longest) longest = taken;
                record(histogram, taken);
                requests++;
            }
            ask(descriptor, now);
        }
    }
    spent = server_nanoseconds() - spent;
    printf(
        "{\"requests\":%lu,\"microseconds\":%lu,\"server\":%lu,\"p50\":%u,\"p99\":%u,\"longest\":%lu,\"failed\":0}\n",
        requests, (now - began) / 1000, spent / 1000, percentile(histogram, requests, 0.5),
        percentile(histogram, requests, 0.99), longest);
}
