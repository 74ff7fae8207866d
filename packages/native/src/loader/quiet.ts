/**
 * TensorFlow writes notices to stderr while it is being loaded, whatever its log level; this small native module sends
 * them nowhere for that moment. C++, compiled with the binding.
 */
export const quietSource = `#include <fcntl.h>
#include <node_api.h>
#include <stdlib.h>
#include <unistd.h>

static int kept = -1;

static napi_value Hush(napi_env env, napi_callback_info info) {
  setenv("TF_CPP_MIN_LOG_LEVEL", "2", 0);
  int nowhere = open("/dev/null", O_WRONLY);
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
  return nullptr;
}

static napi_value Init(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "hush", NAPI_AUTO_LENGTH, Hush, nullptr, &function);
  napi_set_named_property(env, exports, "hush", function);
  napi_create_function(env, "restore", NAPI_AUTO_LENGTH, Restore, nullptr, &function);
  napi_set_named_property(env, exports, "restore", function);
  return exports;
}

NAPI_MODULE(quiet, Init)
`;
