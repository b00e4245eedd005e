/* What both peers in C share: the command line, the body, request ids. */
#ifndef PEER_H
#define PEER_H

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct sockaddr_in address;
    size_t answer;
};

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* --listen ADDRESS:PORT [--answer BYTES] */
static struct options parse_options(int count, char **words) {
    struct options options = {.address = {.sin_family = AF_INET}, .answer = 700};
    int listens = 0;
    for (int index = 1; index + 1 < count; index += 2) {
        char *value = words[index + 1];
        if (strcmp(words[index], "--listen") == 0) {
            char *colon = strrchr(value, ':');
            if (!colon) break;
            *colon = 0;
            listens = inet_pton(AF_INET, value, &options.address.sin_addr) == 1;
            options.address.sin_port = htons((uint16_t)atoi(colon + 1));
        } else if (strcmp(words[index], "--answer") == 0) {
            options.answer = (size_t)atol(value);
        }
    }
    if (!listens || count % 2 == 0 || options.answer < 16 || options.answer > 1 << 20) {
        fprintf(stderr, "usage: %s --listen ADDRESS:PORT [--answer 16...1048576]\n", words[0]);
        exit(1);
    }
    return options;
}

/* A JSON object of exactly this many bytes. */
static char *make_body(size_t length) {
    char *body = malloc(length + 1);
    if (!body) fail("malloc");
    memset(body, 'x', length);
    memcpy(body, "{\"token\":\"", 10);
    memcpy(body + length - 2, "\"}", 3);
    return body;
}

#define REQUEST_ID_LENGTH 36

/* As long as ours, but a counter: the peers pay for no random numbers. */
static void write_request_id(char *text) {
    static const char digits[] = "0123456789abcdef";
    static uint64_t count;
    uint64_t left = ++count;
    memcpy(text, "00000000-0000-4000-8000-000000000000", REQUEST_ID_LENGTH);
    for (int index = REQUEST_ID_LENGTH - 1; index > 23 && left; index--, left >>= 4) text[index] = digits[left & 15];
}

static void announce(unsigned port) {
    printf("listening on 127.0.0.1:%u\n", port);
    fflush(stdout);
}

#endif
