// Depthwise convolution, one filter a channel, with what stands before and behind it.
// x [B,H,W,C], filter [K,K,C,1], y [B,H',W',C]; channels stand last, eight of them are computed at a time.
// Frozen batch-norm: y = f(z), z[o] = bias + sum over taps of x[o stride + tap - pad] filter[tap]. Batch-norm that trains: no bias
// and no f, x goes through the batch-norm and rectifier before it first, and the statistics of y are taken on the way; y itself
// is normalised by whoever reads it. (Howard et al. 2017, MobileNets)
#include "depthwise.h"

namespace cultivar {
namespace depthwise {
namespace {

// One row of results.
void outputRow(const Geometry& g, const float* image, const float* weights, const float* offset, long oy, float* to) {
  const long firstY = oy * g.stride - g.top;
  Taps taps;
  const float* line[3];
  const bool fours = g.side == 3 && g.stride <= 2;
  for (int ky = 0; fours && ky < 3; ky++) line[ky] = firstY + ky >= 0 && firstY + ky < g.height ? image + (firstY + ky) * g.inputRow() : zeros(g.inputRow());
  bool inside = false;
  for (long ox = 0; ox < g.outputWidth; ox++, to += g.channels) {
    const long firstX = ox * g.stride - g.left;
    if (fours && firstX >= 0 && ox + together <= g.outputWidth && firstX + (together - 1) * g.stride + 3 <= g.width) {
      const float* at[3] = {line[0] + firstX * g.channels, line[1] + firstX * g.channels, line[2] + firstX * g.channels};
      (g.stride == 1 ? four<1> : four<2>)(at, weights, offset, g.ceiling, g.channels, to);
      ox += together - 1;
      to += (together - 1) * g.channels;
      inside = false;
      continue;
    }
    const bool before = inside;
    inside = firstX >= 0 && firstX + g.side <= g.width;
    if (before && inside) {
      taps.advance(g.stride * g.channels);
    } else {
      taps.count = 0;
      for (int ky = 0; ky < g.side; ky++) {
        const long iy = firstY + ky;
        if (iy < 0 || iy >= g.height) continue;
        for (int kx = 0; kx < g.side; kx++) {
          const long ix = firstX + kx;
          if (ix >= 0 && ix < g.width) taps.add(image + iy * g.inputRow() + ix * g.channels, weights + (ky * g.side + kx) * g.channels);
        }
      }
    }
    withTaps(taps, [&](auto count) {
      eachChannel(g.channels, [&](auto lane, long c) {
        const auto z = weighed<decltype(count)::value>(taps, lane, c, lane.read(offset + c));
        lane.write(to + c, g.ceiling < 0 ? z : held(z, g.ceiling));
      });
    });
  }
}

// x, before [4,C] or [0], filter, its scale [C] or [0], bias [C] or [0], gamma [C] or [0], beta -> y, affine [4,C] or [0], mean and variance [C] or [0]
void forward(void* given, TF_OpKernelContext* context) {
  Call call(context);
  const Tensor x = call.input(0), normalised = call.input(1), filter = call.input(2), scale = call.input(3), bias = call.input(4), gamma = call.input(5), beta = call.input(6);
  const Settings& settings = *static_cast<Settings*>(given);
  if (!call.good() || !fits(call, settings, x, filter, normalised, scale)) return;
  Geometry g(settings, x, filter);
  const bool trains = gamma.size() > 0;
  if (!call.require((bias.size() == 0 || bias.size() == g.channels) && (!trains || (gamma.size() == g.channels && beta.size() == g.channels && bias.size() == 0)),
                    "depthwise convolution: one offset, or one scale, for each channel")) return;
  const Tensor y = call.output(0, {g.batch, g.outputHeight, g.outputWidth, g.channels});
  const Tensor affine = trains ? call.output(1, {4, g.channels}) : call.output(1, {0}), mean = call.output(2, {trains ? g.channels : 0}), variance = call.output(3, {trains ? g.channels : 0});
  if (!call.good()) return;
  if (trains) g.ceiling = -1;
  const Affine before(normalised);
  const std::vector<float> none(bias.size() == 0 ? g.channels : 0, 0.0f);
  const float* offset = bias.size() == 0 ? none.data() : bias.floats();
  const std::vector<float> scaled = weightsOf(g, filter, scale);
  const float *from = x.floats(), *weights = scaled.data();
  const long bands = bandsOf(g), several = std::min(rowsAtOnce(g), std::max(1L, 128L / g.outputWidth));
  const int parts = static_cast<int>(g.batch * bands);
  std::vector<float> centre(g.channels);
  if (trains) {
    // A value that occurs: the first one.
    const long rows = std::min<long>(g.height, g.side);
    std::vector<float> first(g.outputRow()), seen(before.there() ? rows * g.inputRow() : 0);
    if (before.there()) normalise(from, seen.data(), before, g.before, rows * g.width, g.channels);
    outputRow(g, before.there() ? seen.data() : from, weights, offset, 0, first.data());
    std::copy_n(first.data(), g.channels, centre.data());
  }
  Sums sums(trains ? parts : 0, g.channels);
  share(parts, parts, [&](long part, long, int) {
    const long b = part / bands, band = part % bands;
    const long begin = g.outputHeight * band / bands, end = g.outputHeight * (band + 1) / bands;
    const float* raw = from + b * g.height * g.inputRow();
    const auto make = [&](long low, long high, float* to) { normalise(raw + low * g.inputRow(), to, before, g.before, (high - low) * g.width, g.channels); };
    Rows<decltype(make)> normal(before.there() ? room<0>(((several - 1) * g.stride + g.side) * g.inputRow()) : nullptr, g.inputRow(), make);
    for (long oy = begin; oy < end; oy += several) {
      const long until = std::min(oy + several, end);
      const float* image = before.there() ? normal.read(std::max(0L, oy * g.stride - g.top), std::min(g.height, (until - 1) * g.stride - g.top + g.side)) : raw;
      float* to = y.floats() + (b * g.outputHeight + oy) * g.outputRow();
      for (long row = oy; row < until; row++) outputRow(g, image, weights, offset, row, to + (row - oy) * g.outputRow());
      if (trains) sums.add(static_cast<int>(part), [&](float* a, float* c) { addSpread(to, centre.data(), (until - oy) * g.outputWidth, g.channels, a, c); });
    }
  });
  if (trains) settle(sums.all(), centre.data(), gamma.floats(), beta.floats(), g.epsilon, g.batch * g.outputHeight * g.outputWidth, g.channels, affine.floats(), mean.floats(), variance.floats());
}

}  // namespace
}  // namespace depthwise

bool defineDepthwiseConvolution() {
  return define("CultivarDepthwise", {"x: float", "normalised: float", "filter: float", "scale: float", "bias: float", "gamma: float", "beta: float"}, {"y: float", "affine: float", "mean: float", "variance: float"},
                {"geometry: list(int)", "before: float", "ceiling: float", "epsilon: float"}, depthwise::create, depthwise::forward, depthwise::destroy) &&
         define("CultivarDepthwiseGrad", {"dz: float", "y: float", "affine: float", "slopes: float", "x: float", "normalised: float", "filter: float", "scale: float"},
                {"dx: float", "dfilter: float", "dbias: float", "dgamma: float", "dbeta: float", "slopesbefore: float"},
                {"geometry: list(int)", "before: float", "ceiling: float", "epsilon: float"}, depthwise::create, depthwise::backward, depthwise::destroy);
}

}  // namespace cultivar
