// A native module of Node's: loaded behind TensorFlow, it makes operators of Cultivar's own known to it.
#include <node_api.h>

namespace cultivar {
bool defineBatchNormalization();
}

static napi_value Init(napi_env env, napi_value exports) {
  // Once in a process: worker threads load the module again.
  static const bool defined = cultivar::defineBatchNormalization();
  napi_value value;
  napi_get_boolean(env, defined, &value);
  napi_set_named_property(env, exports, "defined", value);
  return exports;
}

NAPI_MODULE(operators, Init)
