// A native module of Node's: loaded behind TensorFlow, it makes operators of Cultivar's own known to it.
#include <node_api.h>

namespace cultivar {
bool defineBatchNormalization();
bool defineConvolution();
bool defineDepthwiseConvolution();
bool defineRectifiedBias();
}  // namespace cultivar

// Counts the changes of what the operators take and give: an engine uses those that it knows.
constexpr int version = 6;

static napi_value Init(napi_env env, napi_value exports) {
  // Once in a process: worker threads load the module again.
  static const bool defined = cultivar::defineBatchNormalization() && cultivar::defineDepthwiseConvolution() && cultivar::defineConvolution() && cultivar::defineRectifiedBias();
  napi_value value;
  napi_create_int32(env, defined ? version : 0, &value);
  napi_set_named_property(env, exports, "version", value);
  return exports;
}

NAPI_MODULE(operators, Init)
