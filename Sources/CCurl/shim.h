#ifndef SIGNET_CCURL_SHIM_H
#define SIGNET_CCURL_SHIM_H

#include <curl/curl.h>

#if LIBCURL_VERSION_NUM < 0x075700
#error "Signet needs libcurl 7.87 or newer (Debian, Ubuntu: libcurl4-openssl-dev; macOS: brew install curl)"
#endif

/* curl_easy_setopt and its like are variadic, which Swift does not import: one function for each type of value. */

static inline CURLcode signet_curl_set_long(CURL *curl, CURLoption option, long value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode signet_curl_set_string(CURL *curl, CURLoption option, const char *value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode signet_curl_set_fields(CURL *curl, struct curl_slist *fields) {
    return curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
}

/* libcurl keeps the pointer: the bytes have to stay where they are. */
static inline CURLcode signet_curl_set_body(CURL *curl, const void *bytes, size_t length) {
    CURLcode code = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)bytes);
}

/* One value for all callbacks. */
static inline CURLcode signet_curl_set_callbacks(
    CURL *curl, curl_prereq_callback begin, curl_write_callback field, curl_write_callback body, void *value) {
    CURLcode code = curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, begin);
    if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_PREREQDATA, value);
    if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, field);
    if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_HEADERDATA, value);
    if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body);
    if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_WRITEDATA, value);
    return code;
}

static inline CURLcode signet_curl_set_protocols(CURL *curl) {
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
}

/* A cancelled call does not wait for a name server that hangs, which would hold up all other calls on the thread. */
static inline CURLcode signet_curl_set_quick_exit(CURL *curl) { return curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L); }

/* The file of certificate authorities that libcurl was built to use; NULL if there is none. */
static inline const char *signet_curl_authorities(void) { return curl_version_info(CURLVERSION_NOW)->cainfo; }

static inline long signet_curl_status(CURL *curl) {
    long status = 0;
    return curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0;
}

/* The seconds of Retry-After, also from a date; 0 if there is none. */
static inline curl_off_t signet_curl_retry_after(CURL *curl) {
    curl_off_t seconds = 0;
    return curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK ? seconds : 0;
}

static inline CURLMcode signet_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/* The result in a message, which is a union for Swift. */
static inline CURLcode signet_multi_result(const CURLMsg *message) { return message->data.result; }

#endif
