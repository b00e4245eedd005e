#ifndef SIGNET_CLINUX_SHIM_H
#define SIGNET_CLINUX_SHIM_H

// Headers that Swift's module of the C library does not have.
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

// The headers declare it only under _GNU_SOURCE.
extern int accept4 (int descriptor, struct sockaddr *address, socklen_t *size, int flags);

#ifdef __cplusplus
}
#endif

#endif
