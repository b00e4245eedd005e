#ifndef SIGNET_CTLS_SHIM_H
#define SIGNET_CTLS_SHIM_H

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

// Swift cannot call these macros.

// Sets everything that openssl.cnf may have changed in a new context; 1 on success.
static inline int signet_tls_harden (SSL_CTX *context) {
  SSL_CTX_clear_options (context, SSL_CTX_get_options (context));
  SSL_CTX_set_options (context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
                                  | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_SINGLE_ECDH_USE);
  SSL_CTX_clear_mode (context, SSL_CTX_get_mode (context));
  SSL_CTX_set_mode (context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                               | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_block_padding (context, 0);
  SSL_CTX_set_security_level (context, 2);
  SSL_CTX_set_session_cache_mode (context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead (context, 1);
  SSL_CTX_set_verify (context, SSL_VERIFY_NONE, NULL);
  return SSL_CTX_set_min_proto_version (context, TLS1_2_VERSION) == 1
         && SSL_CTX_set_max_proto_version (context, TLS1_3_VERSION) == 1
         && SSL_CTX_set_cipher_list (context, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                                              "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
                                              "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256") == 1
         && SSL_CTX_set_ciphersuites (context, "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
                                               "TLS_AES_128_GCM_SHA256") == 1
         && SSL_CTX_set1_groups_list (context, "X25519:P-256") == 1
         && SSL_CTX_set1_sigalgs_list (context, "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:RSA-PSS+SHA256:"
                                                "RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512") == 1
         && SSL_CTX_set_num_tickets (context, 1) == 1 && SSL_CTX_set_max_early_data (context, 0) == 1
         && SSL_CTX_set_session_id_context (context, (const unsigned char *) "signet", 6) == 1;
}

// Whether a cipher suite above supports such a key. libssl finds out only at a handshake.
static inline int signet_tls_has_suite (EVP_PKEY *key) {
  char group[64] = "";
  switch (EVP_PKEY_get_base_id (key)) {
  case EVP_PKEY_RSA:
  case EVP_PKEY_ED25519:
    return 1;
  case EVP_PKEY_EC:
    return EVP_PKEY_get_group_name (key, group, sizeof group, NULL) == 1
           && (strcmp (group, "prime256v1") == 0 || strcmp (group, "secp384r1") == 0 || strcmp (group, "secp521r1") == 0);
  default:
    return 0;
  }
}

static inline int signet_tls_add_chain (SSL_CTX *context, X509 *certificate) {
  return (int) SSL_CTX_add1_chain_cert (context, certificate);
}

#endif
