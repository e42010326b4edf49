// The part of libcurl that a client of one web server needs. libcurl's own functions take arguments
// of any type (`curl_easy_setopt`), which Swift cannot call; each of these has types of its own.
//
// A pool holds all exchanges in progress and the connections that they share. A pool and its exchanges belong
// to the thread that made them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ccurl_pool ccurl_pool;
typedef struct ccurl_exchange ccurl_exchange;

// How an exchange ended.
typedef enum ccurl_outcome {
  ccurl_done,
  // A failure that may not occur again.
  ccurl_broken,
  ccurl_timed_out,
  // A failure that would occur again.
  ccurl_tls_refused,
  ccurl_bad_address,
  // The server sent more than the limit.
  ccurl_too_large,
} ccurl_outcome;

// A pool of at most this many connections at a time, which stay open for the next exchanges. NULL if memory
// is short.
ccurl_pool *ccurl_pool_create(long connections);
// All exchanges must have been ended before.
void ccurl_pool_destroy(ccurl_pool *pool);

// A descriptor by which other threads end a pool's wait: readable from a ring until it is silenced. Negative
// if the process has too many files open.
int ccurl_bell_create(void);
void ccurl_bell_ring(int bell);
void ccurl_bell_silence(int bell);

// Sends and receives whatever is possible now.
void ccurl_pool_work(ccurl_pool *pool);
// Returns when there is something to send or receive, when the bell rings, or after this many milliseconds.
void ccurl_pool_wait(ccurl_pool *pool, int bell, int milliseconds);
// The next exchange that has ended, or NULL.
ccurl_exchange *ccurl_pool_next(ccurl_pool *pool, ccurl_outcome *outcome);

// An exchange can be started again after it has ended. NULL if memory is short.
ccurl_exchange *ccurl_exchange_create(size_t body_limit);
void ccurl_exchange_destroy(ccurl_exchange *exchange);

// Adds a line "Name: value" to the header of the next request.
bool ccurl_exchange_add_header(ccurl_exchange *exchange, const char *line);
// Begins to POST a copy of `body`. `connect_milliseconds` is the longest time to connect.
bool ccurl_exchange_start(ccurl_exchange *exchange, ccurl_pool *pool, const char *url,
                          const uint8_t *body, size_t body_count, long connect_milliseconds);
// Ends an exchange before its time.
void ccurl_exchange_stop(ccurl_exchange *exchange, ccurl_pool *pool);

// How many bytes have arrived so far.
size_t ccurl_exchange_arrived(const ccurl_exchange *exchange);
long ccurl_exchange_status(const ccurl_exchange *exchange);
// The lines of the last answer's header, each with its end.
const uint8_t *ccurl_exchange_header(const ccurl_exchange *exchange, size_t *count);
const uint8_t *ccurl_exchange_body(const ccurl_exchange *exchange, size_t *count);
// libcurl's words for what went wrong.
const char *ccurl_exchange_problem(const ccurl_exchange *exchange);
