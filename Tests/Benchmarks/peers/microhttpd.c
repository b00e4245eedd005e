/* libmicrohttpd with nothing round it: one internal thread on epoll, an answer made for each request. */
#include "peer.h"

#include <microhttpd.h>
#include <unistd.h>

static char *body;
static size_t body_length;

static enum MHD_Result answer(
    void *context, struct MHD_Connection *connection, const char *target, const char *method, const char *version,
    const char *upload, size_t *upload_length, void **request) {
    (void)context, (void)target, (void)method, (void)version, (void)upload;
    static int begun;
    if (*request == NULL) {
        *request = &begun;
        return MHD_YES;
    }
    if (*upload_length) {
        *upload_length = 0;
        return MHD_YES;
    }
    char id[REQUEST_ID_LENGTH + 1] = {0};
    write_request_id(id);
    struct MHD_Response *response = MHD_create_response_from_buffer(body_length, body, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    MHD_add_response_header(response, "X-Request-Id", id);
    enum MHD_Result result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

int main(int count, char **words) {
    struct options options = parse_options(count, words);
    body_length = options.answer;
    body = make_body(body_length);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL, answer, NULL,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&options.address, MHD_OPTION_CONNECTION_LIMIT, 16384u,
        MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096u, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
    if (!daemon) fail("MHD_start_daemon");
    announce(MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    for (;;) pause();
}
