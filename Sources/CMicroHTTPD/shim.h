#ifndef SIGNET_CMICROHTTPD_SHIM_H
#define SIGNET_CMICROHTTPD_SHIM_H

#include <microhttpd.h>

#endif
