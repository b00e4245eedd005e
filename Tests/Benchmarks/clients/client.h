/* What both clients share: words of the command line, time, and a histogram in microseconds. */
#ifndef CLIENT_H
#define CLIENT_H

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static _Noreturn void fail(const char *what) {
    perror(what);
    exit(1);
}

static _Noreturn void refuse(const char *why) {
    fprintf(stderr, "%s\n", why);
    exit(1);
}

/* The word that follows `name`. */
static const char *option(int count, char **words, const char *name, const char *otherwise) {
    for (int index = 1; index + 1 < count; index++) {
        if (strcmp(words[index], name) == 0) return words[index + 1];
    }
    if (!otherwise) {
        fprintf(stderr, "%s: %s is missing\n", words[0], name);
        exit(1);
    }
    return otherwise;
}

/* A port on 127.0.0.1; no other address is ever connected to. */
static struct sockaddr_in loopback(const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) fail("clock_gettime");
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* One count a microsecond; all above is in the last. Pages that nothing falls into are never touched. */
enum { BUCKETS = 1 << 22 };

static void record(uint32_t *histogram, uint64_t microseconds) {
    histogram[microseconds < BUCKETS ? microseconds : BUCKETS - 1]++;
}

static unsigned percentile(const uint32_t *histogram, uint64_t total, double share) {
    uint64_t wanted = (uint64_t)((double)total * share), seen = 0;
    for (unsigned index = 0; index < BUCKETS; index++) {
        seen += histogram[index];
        if (seen > wanted) return index;
    }
    return BUCKETS - 1;
}

#endif
