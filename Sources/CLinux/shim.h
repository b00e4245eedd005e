#ifndef SIGNET_CLINUX_SHIM_H
#define SIGNET_CLINUX_SHIM_H

// What Swift's module of the C library leaves out of it.
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

// Declared under _GNU_SOURCE alone.
extern int accept4 (int descriptor, struct sockaddr *address, socklen_t *size, int flags);

#ifdef __cplusplus
}
#endif

#endif
