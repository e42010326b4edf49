#define _GNU_SOURCE
#include "CCurl.h"

#if !__has_include(<curl/curl.h>)
#error "libcurl is missing: install the Debian package libcurl4-openssl-dev"
#endif
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

typedef struct bytes {
  uint8_t *start;
  size_t count;
  size_t capacity;
} bytes;

struct ccurl_pool {
  CURLM *multi;
};

struct ccurl_exchange {
  CURL *easy;
  struct curl_slist *request_header;
  bytes header;
  bytes body;
  size_t body_limit;
  size_t arrived;
  bool is_too_large;
  CURLcode result;
  char problem[CURL_ERROR_SIZE];
};

// A header is a few hundred bytes.
static const size_t header_limit = 1 << 18;
// Memory of an answer that is kept for the next.
static const size_t kept_capacity = 1 << 16;

static bool append(bytes *to, const char *data, size_t count) {
  if (to->count + count > to->capacity) {
    size_t capacity = 2 * (to->count + count);
    uint8_t *start = realloc(to->start, capacity);
    if (start == NULL) return false;
    to->start = start;
    to->capacity = capacity;
  }
  memcpy(to->start + to->count, data, count);
  to->count += count;
  return true;
}

static void clear(bytes *b) {
  b->count = 0;
  if (b->capacity <= kept_capacity) return;
  free(b->start);
  *b = (bytes){0};
}

static size_t receive(ccurl_exchange *exchange, bytes *to, size_t limit, const char *data,
                      size_t count) {
  exchange->arrived += count;
  if (to->count + count > limit) {
    exchange->is_too_large = true;
    return 0;
  }
  return append(to, data, count) ? count : 0;
}

static size_t receive_body(char *data, size_t size, size_t count, void *context) {
  ccurl_exchange *exchange = context;
  return receive(exchange, &exchange->body, exchange->body_limit, data, size * count);
}

static size_t receive_header(char *data, size_t size, size_t count, void *context) {
  ccurl_exchange *exchange = context;
  // A status line: a proxy's, that of "100 Continue", or the answer's, which comes last.
  if (size * count >= 5 && memcmp(data, "HTTP/", 5) == 0) exchange->header.count = 0;
  return receive(exchange, &exchange->header, header_limit, data, size * count);
}

static void initialize(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

ccurl_pool *ccurl_pool_create(long connections) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, initialize);
  ccurl_pool *pool = calloc(1, sizeof *pool);
  if (pool == NULL) return NULL;
  pool->multi = curl_multi_init();
  if (pool->multi == NULL) {
    free(pool);
    return NULL;
  }
  curl_multi_setopt(pool->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
  curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, connections);
  return pool;
}

void ccurl_pool_destroy(ccurl_pool *pool) {
  curl_multi_cleanup(pool->multi);
  free(pool);
}

int ccurl_bell_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void ccurl_bell_ring(int bell) { eventfd_write(bell, 1); }

void ccurl_bell_silence(int bell) {
  eventfd_t rings;
  eventfd_read(bell, &rings);
}

void ccurl_pool_work(ccurl_pool *pool) {
  int active;
  curl_multi_perform(pool->multi, &active);
}

void ccurl_pool_wait(ccurl_pool *pool, int bell, int milliseconds) {
  struct curl_waitfd also = {.fd = bell, .events = CURL_WAIT_POLLIN};
  curl_multi_poll(pool->multi, &also, 1, milliseconds, NULL);
}

// Whether a handshake was only cut off, by the messages of OpenSSL and GnuTLS: its code is the same as that of
// a refused one.
static bool is_broken_off(const char *problem) {
  static const char *const words[] = {"SYSCALL", "eof", "reset by peer", "Broken pipe",
                                      "non-properly terminated", "pull function"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcasestr(problem, words[i]) != NULL) return true;
  }
  return false;
}

static ccurl_outcome outcome_of(const ccurl_exchange *exchange) {
  if (exchange->is_too_large) return ccurl_too_large;
  switch (exchange->result) {
  case CURLE_OK:
    return ccurl_done;
  case CURLE_OPERATION_TIMEDOUT:
    return ccurl_timed_out;
  case CURLE_SSL_CONNECT_ERROR:
    return is_broken_off(exchange->problem) ? ccurl_broken : ccurl_tls_refused;
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_SSL_ENGINE_INITFAILED:
  case CURLE_SSL_ENGINE_NOTFOUND:
  case CURLE_SSL_ENGINE_SETFAILED:
  case CURLE_SSL_INVALIDCERTSTATUS:
  case CURLE_SSL_ISSUER_ERROR:
    return ccurl_tls_refused;
  case CURLE_URL_MALFORMAT:
    return ccurl_bad_address;
  default:
    return ccurl_broken;
  }
}

// Between exchanges, the handle must know nothing of the last one's memory.
static void end(ccurl_exchange *exchange, ccurl_pool *pool) {
  curl_multi_remove_handle(pool->multi, exchange->easy);
  curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, NULL);
  curl_slist_free_all(exchange->request_header);
  exchange->request_header = NULL;
}

ccurl_exchange *ccurl_pool_next(ccurl_pool *pool, ccurl_outcome *outcome) {
  int left;
  CURLMsg *message;
  while ((message = curl_multi_info_read(pool->multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    // The message goes away with its handle.
    CURLcode result = message->data.result;
    ccurl_exchange *exchange = NULL;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&exchange);
    exchange->result = result;
    *outcome = outcome_of(exchange);
    end(exchange, pool);
    return exchange;
  }
  return NULL;
}

ccurl_exchange *ccurl_exchange_create(size_t body_limit) {
  ccurl_exchange *exchange = calloc(1, sizeof *exchange);
  if (exchange == NULL) return NULL;
  CURL *easy = curl_easy_init();
  if (easy == NULL) {
    free(exchange);
    return NULL;
  }
  exchange->easy = easy;
  exchange->body_limit = body_limit;
  // libcurl's defaults are: no cookies, no .netrc, no redirections, certificates checked against the system's
  // store, and proxies from the environment.
  curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  // A connection for each request, as OpenAI's own clients do: where one breaks, the others go on.
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  // Every encoding that libcurl can decode; body_limit then counts decoded bytes.
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->problem);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
  return exchange;
}

void ccurl_exchange_destroy(ccurl_exchange *exchange) {
  curl_easy_cleanup(exchange->easy);
  curl_slist_free_all(exchange->request_header);
  free(exchange->header.start);
  free(exchange->body.start);
  free(exchange);
}

bool ccurl_exchange_add_header(ccurl_exchange *exchange, const char *line) {
  struct curl_slist *header = curl_slist_append(exchange->request_header, line);
  if (header == NULL) return false;
  exchange->request_header = header;
  return true;
}

bool ccurl_exchange_start(ccurl_exchange *exchange, ccurl_pool *pool, const char *url,
                          const uint8_t *body, size_t body_count, long connect_milliseconds) {
  clear(&exchange->header);
  clear(&exchange->body);
  exchange->arrived = 0;
  exchange->is_too_large = false;
  exchange->result = CURLE_OK;
  exchange->problem[0] = 0;
  CURL *easy = exchange->easy;
  // An empty "Expect:" keeps libcurl from asking whether it may send a long prompt.
  return ccurl_exchange_add_header(exchange, "Expect:") &&
         curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->request_header) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_milliseconds) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body_count) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, (const char *)body) == CURLE_OK &&
         curl_multi_add_handle(pool->multi, easy) == CURLM_OK;
}

void ccurl_exchange_stop(ccurl_exchange *exchange, ccurl_pool *pool) { end(exchange, pool); }

size_t ccurl_exchange_arrived(const ccurl_exchange *exchange) { return exchange->arrived; }

long ccurl_exchange_status(const ccurl_exchange *exchange) {
  long status = 0;
  curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

const uint8_t *ccurl_exchange_header(const ccurl_exchange *exchange, size_t *count) {
  *count = exchange->header.count;
  return exchange->header.start;
}

const uint8_t *ccurl_exchange_body(const ccurl_exchange *exchange, size_t *count) {
  *count = exchange->body.count;
  return exchange->body.start;
}

const char *ccurl_exchange_problem(const ccurl_exchange *exchange) {
  switch (exchange->result) {
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_WEIRD_SERVER_REPLY:
    return "what answers is no HTTP server";
  case CURLE_COULDNT_RESOLVE_PROXY:
    return "the proxy's name is unknown";
  case CURLE_COULDNT_RESOLVE_HOST:
    return "the server's name is unknown";
  case CURLE_COULDNT_CONNECT:
    return "nothing listens at the address, or a firewall is in the way";
  case CURLE_PARTIAL_FILE:
    return "the connection was closed in the middle of the answer";
  case CURLE_GOT_NOTHING:
    return "the connection was closed without an answer";
  case CURLE_SEND_ERROR:
  case CURLE_RECV_ERROR:
    return "the connection was broken off";
  // libcurl's word for a header beyond its limit, too.
  case CURLE_OUT_OF_MEMORY:
    return "the answer's header is too large, or memory is lacking";
  case CURLE_BAD_CONTENT_ENCODING:
    return "the answer's compression is damaged";
  default:
    break;
  }
  return exchange->problem[0] ? exchange->problem : curl_easy_strerror(exchange->result);
}
