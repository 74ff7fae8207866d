/**
 * TensorFlow writes notices to stderr while it is being loaded, whatever its log level; this small native module sends
 * them nowhere for that moment, and sets what TensorFlow reads from the environment (from here, since JavaScript's view of it
 * may be a copy). C++, compiled with the binding.
 */
export const quietSource = `#include <fcntl.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <node_api.h>
#include <stdlib.h>
#include <unistd.h>

static int kept = -1;
static bool level = false, onednn = false;

static napi_value Hush(napi_env env, napi_callback_info info) {
  if ((level = !getenv("TF_CPP_MIN_LOG_LEVEL"))) setenv("TF_CPP_MIN_LOG_LEVEL", "2", 0);
  /* Left to itself it takes oneDNN on some processors only; measured on one of the others, a step took 1.4 times as long. */
  if ((onednn = !getenv("TF_ENABLE_ONEDNN_OPTS"))) setenv("TF_ENABLE_ONEDNN_OPTS", "1", 0);
#if defined(__GLIBC__)
  /* The tensors of a step come and go: blocks that glibc hands back to the kernel at once cost new pages at every step. */
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
#endif
  /* Who set the level wants to read. */
  int nowhere = level ? open("/dev/null", O_WRONLY) : -1;
  if (kept < 0 && nowhere >= 0 && (kept = dup(2)) >= 0) dup2(nowhere, 2);
  if (nowhere >= 0) close(nowhere);
  return nullptr;
}

static napi_value Restore(napi_env env, napi_callback_info info) {
  if (kept >= 0) {
    dup2(kept, 2);
    close(kept);
    kept = -1;
  }
  /* Read by now, and no business of the processes that this one starts: a child would take them for the user's wish. */
  if (level) unsetenv("TF_CPP_MIN_LOG_LEVEL");
  if (onednn) unsetenv("TF_ENABLE_ONEDNN_OPTS");
  level = onednn = false;
  return nullptr;
}

/* Whether the processor has the instructions that operators.node is compiled to. */
static bool Vectors() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return true;
#endif
}

static napi_value Init(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "hush", NAPI_AUTO_LENGTH, Hush, nullptr, &function);
  napi_set_named_property(env, exports, "hush", function);
  napi_create_function(env, "restore", NAPI_AUTO_LENGTH, Restore, nullptr, &function);
  napi_set_named_property(env, exports, "restore", function);
  napi_value vectors;
  napi_get_boolean(env, Vectors(), &vectors);
  napi_set_named_property(env, exports, "vectors", vectors);
  return exports;
}

NAPI_MODULE(quiet, Init)
`;
