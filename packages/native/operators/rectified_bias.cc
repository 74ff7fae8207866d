// y = f(x + bias) over the last axis, and dy where the rectifier f lets it through: one pass over memory each.
#include <algorithm>

#include "normalisation.h"

namespace cultivar {
namespace {

struct Settings {
  // Of the rectifier: infinity for relu; negative for none.
  float ceiling;
};

void* create(TF_OpKernelConstruction* construction) { return new Settings{floatAttribute(construction, "ceiling")}; }
void destroy(void* settings) { delete static_cast<Settings*>(settings); }

// x [..., C], bias [C] -> y
void forward(void* settings, TF_OpKernelContext* context) {
  const float ceiling = static_cast<Settings*>(settings)->ceiling;
  Call call(context);
  const Tensor x = call.input(0), bias = call.input(1);
  if (!call.good()) return;
  const long channels = x.dimension(-1);
  if (!call.require(channels > 0 && bias.size() == channels, "bias: one number for each channel")) return;
  const Tensor y = call.output(0, x.shape());
  if (!call.good()) return;
  const long rows = x.size() / channels;
  const float* __restrict offset = bias.floats();
  share(rows, shares(rows, std::max(1L, 16384 / channels)), [&](long begin, long end, int) {
    for (long row = begin; row < end; row++) {
      const float* __restrict from = x.floats() + row * channels;
      float* __restrict to = y.floats() + row * channels;
      if (ceiling < 0) {
        for (long c = 0; c < channels; c++) to[c] = from[c] + offset[c];
      } else {
        for (long c = 0; c < channels; c++) to[c] = std::min(std::max(from[c] + offset[c], 0.0f), ceiling);
      }
    }
  });
}

// dy, y -> dy where 0 < y < ceiling, else 0
void backward(void* settings, TF_OpKernelContext* context) {
  const float ceiling = static_cast<Settings*>(settings)->ceiling;
  Call call(context);
  const Tensor dy = call.input(0), y = call.input(1);
  if (!call.good() || !call.require(dy.size() == y.size(), "rectifier: gradient and result are of different sizes")) return;
  const Tensor result = call.output(0, y.shape());
  if (!call.good()) return;
  share(y.size(), shares(y.size(), 16384), [&](long begin, long end, int) {
    pass(dy.floats() + begin, y.floats() + begin, result.floats() + begin, ceiling, end - begin);
  });
}

}  // namespace

bool defineRectifiedBias() {
  return define("CultivarBias", {"x: float", "bias: float"}, {"y: float"}, {"ceiling: float"}, create, forward, destroy) &&
         define("CultivarRectifierGrad", {"dy: float", "y: float"}, {"dx: float"}, {"ceiling: float"}, create, backward, destroy);
}

}  // namespace cultivar
