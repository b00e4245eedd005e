#ifndef SIGNET_CMICROHTTPD_SHIM_H
#define SIGNET_CMICROHTTPD_SHIM_H

#include <microhttpd.h>
#include <stdbool.h>

// Swift calls no variadic function, so everything that libmicrohttpd takes or gives by "..." passes through here.

// What a daemon is started with. 0 and NULL leave an option out.
struct signet_mhd_settings {
  int listener;
  unsigned int threads;
  unsigned int idle_seconds;
  unsigned int connections;
  unsigned int connections_per_address;
  const char *certificate;
  const char *key;
  const char *priorities;
  MHD_AccessHandlerCallback access;
  void *(*request_line) (void *, const char *, struct MHD_Connection *);
  MHD_RequestCompletedCallback completed;
  MHD_NotifyConnectionCallback connection;
  size_t (*unescape) (void *, struct MHD_Connection *, char *);
  void *context;
};

// Before 0.9.77.1 the library cuts values at NUL, takes bare line feeds and glues folded lines together, and only the
// places at which the parts of a request lie tell. From then on client discipline levels exist, and it refuses itself.
#if MHD_VERSION < 0x00097701
#define SIGNET_MHD_LENIENT_PARSER 1
#else
#define SIGNET_MHD_LENIENT_PARSER 0
#endif

static inline bool signet_mhd_has_lenient_parser (void) {
  return SIGNET_MHD_LENIENT_PARSER;
}

static inline struct MHD_Daemon *
signet_mhd_start (const struct signet_mhd_settings *settings) {
  struct MHD_OptionItem items[16];
  size_t count = 0;
#define SIGNET_OPTION(name, number, pointer) \
  items[count++] = (struct MHD_OptionItem) { name, (intptr_t) (number), (void *) (pointer) }
#ifdef __linux__
  unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME;
#else
  unsigned int flags = MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME;
#endif
  SIGNET_OPTION (MHD_OPTION_LISTEN_SOCKET, settings->listener, NULL);
  SIGNET_OPTION (MHD_OPTION_URI_LOG_CALLBACK, settings->request_line, settings->context);
  SIGNET_OPTION (MHD_OPTION_UNESCAPE_CALLBACK, settings->unescape, settings->context);
  SIGNET_OPTION (MHD_OPTION_NOTIFY_COMPLETED, settings->completed, settings->context);
  SIGNET_OPTION (MHD_OPTION_NOTIFY_CONNECTION, settings->connection, settings->context);
  // A pool of one is an error to the library: one thread is what it has without a pool.
  if (settings->threads > 1)
    SIGNET_OPTION (MHD_OPTION_THREAD_POOL_SIZE, settings->threads, NULL);
  if (settings->idle_seconds != 0)
    SIGNET_OPTION (MHD_OPTION_CONNECTION_TIMEOUT, settings->idle_seconds, NULL);
  if (settings->connections != 0)
    SIGNET_OPTION (MHD_OPTION_CONNECTION_LIMIT, settings->connections, NULL);
  if (settings->connections_per_address != 0)
    SIGNET_OPTION (MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings->connections_per_address, NULL);
#if SIGNET_MHD_LENIENT_PARSER
  // A missing Host is refused by the guard: the library's own answer goes out twice.
  SIGNET_OPTION (MHD_OPTION_STRICT_FOR_CLIENT, 0, NULL);
#else
  SIGNET_OPTION (MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1, NULL);
#endif
  if (settings->certificate != NULL) {
    flags |= MHD_USE_TLS;
    SIGNET_OPTION (MHD_OPTION_HTTPS_MEM_CERT, 0, settings->certificate);
    SIGNET_OPTION (MHD_OPTION_HTTPS_MEM_KEY, 0, settings->key);
    SIGNET_OPTION (MHD_OPTION_HTTPS_PRIORITIES, 0, settings->priorities);
  }
  SIGNET_OPTION (MHD_OPTION_END, 0, NULL);
#undef SIGNET_OPTION
  return MHD_start_daemon (flags, 0, NULL, NULL, settings->access, settings->context, MHD_OPTION_ARRAY, items,
                           MHD_OPTION_END);
}

static inline enum MHD_Result
signet_mhd_no_access (void *context, struct MHD_Connection *connection, const char *url, const char *method,
                      const char *version, const char *data, size_t *size, void **state) {
  (void) context, (void) connection, (void) url, (void) method, (void) version, (void) data, (void) size, (void) state;
  return MHD_NO;
}

// Whether the library can serve with this certificate and key: a daemon that has neither socket nor thread.
static inline bool
signet_mhd_accepts_tls (const char *certificate, const char *key, const char *priorities) {
  struct MHD_Daemon *daemon = MHD_start_daemon (
    MHD_USE_TLS | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, &signet_mhd_no_access, NULL, MHD_OPTION_HTTPS_MEM_CERT,
    certificate, MHD_OPTION_HTTPS_MEM_KEY, key, MHD_OPTION_HTTPS_PRIORITIES, priorities, MHD_OPTION_END);
  if (daemon == NULL)
    return false;
  MHD_stop_daemon (daemon);
  return true;
}

static inline int
signet_mhd_descriptor (struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == NULL ? -1 : info->connect_fd;
}

static inline void *
signet_mhd_socket_context (struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == NULL ? NULL : info->socket_context;
}

// How many bytes the request line and the header fields take, with the empty line that ends them.
static inline size_t
signet_mhd_head_size (struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info
    = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return info == NULL ? 0 : info->header_size;
}

#endif
