// Depthwise convolution, one filter a channel, with what stands before and behind it, and the gradient of all that at once.
// x [B,H,W,C], filter [K,K,C,1], y [B,H',W',C]; channels stand last, eight of them are computed at a time.
// Frozen batch-norm: y = f(z), z[o] = bias + sum over taps of x[o stride + tap - pad] filter[tap]. Batch-norm that trains: no bias
// and no f, x goes through the batch-norm and rectifier before it first, and the statistics of y are taken on the way; y itself
// is normalised by whoever reads it. (Howard et al. 2017, MobileNets)
#include <algorithm>
#include <type_traits>

#include "normalisation.h"
#include "vector.h"

namespace cultivar {
namespace {

// Largest filter, taps on a side.
constexpr int largest = 7;

// Rows that are summed in single precision.
constexpr long run = 8;

struct Settings {
  int stride, top, left, outputHeight, outputWidth;
  // Of the rectifiers before and behind: infinity for relu; negative for none.
  float before, ceiling, epsilon;
};

void* create(TF_OpKernelConstruction* construction) {
  std::vector<int32_t> geometry = integersAttribute(construction, "geometry");
  geometry.resize(5, 0);
  return new Settings{geometry[0], geometry[1], geometry[2], geometry[3], geometry[4], floatAttribute(construction, "before"), floatAttribute(construction, "ceiling"), floatAttribute(construction, "epsilon")};
}
void destroy(void* settings) { delete static_cast<Settings*>(settings); }

struct Geometry : Settings {
  long batch, height, width, channels;
  int side;
  Geometry(const Settings& settings, const Tensor& x, const Tensor& filter)
      : Settings(settings), batch(x.dimension(0)), height(x.dimension(1)), width(x.dimension(2)), channels(x.dimension(3)), side(static_cast<int>(filter.dimension(0))) {}
  long outputRow() const { return outputWidth * channels; }
  long inputRow() const { return width * channels; }
};

bool fits(Call& call, const Settings& settings, const Tensor& x, const Tensor& filter, const Tensor& before, const Tensor& scale) {
  return call.require(TF_NumDims(x.handle) == 4 && TF_NumDims(filter.handle) == 4 && filter.dimension(0) == filter.dimension(1) && filter.dimension(0) <= largest &&
                          filter.dimension(2) == x.dimension(3) && filter.dimension(3) == 1 && settings.stride > 0 && (before.size() == 0 || before.size() == 4 * x.dimension(3)) && (scale.size() == 0 || scale.size() == x.dimension(3)),
                      "depthwise convolution: input and filter do not fit together");
}

// Places that one result is made of, and the filter's values for them.
struct Taps {
  const float* place[largest * largest];
  const float* factor[largest * largest];
  int count = 0;
  void add(const float* from, const float* by) {
    place[count] = from;
    factor[count++] = by;
  }
  // To the next result, where its taps are the same ones.
  void advance(long by) {
    for (int tap = 0; tap < count; tap++) place[tap] += by;
  }
};

// start + sum of place * factor.
template <int fixed, typename L>
inline typename L::Type weighed(const Taps& taps, L, long c, typename L::Type sum) {
  const int count = fixed > 0 ? fixed : taps.count;
  for (int tap = 0; tap < count; tap++) sum += L::read(taps.place[tap] + c) * L::read(taps.factor[tap] + c);
  return sum;
}

// Calls work with the number of taps as a constant where it is nine, so that the compiler keeps them in registers.
template <typename Work>
inline void withTaps(const Taps& taps, const Work& work) {
  if (taps.count == 9) work(std::integral_constant<int, 9>{});
  else work(std::integral_constant<int, 0>{});
}

inline float held(float z, float ceiling) { return std::min(std::max(z, 0.0f), ceiling); }
inline Vector held(Vector z, float ceiling) {
  const Vector zero = {}, most = zero + ceiling;
  z = z > zero ? z : zero;
  return z < most ? z : most;
}

// The filter times its scale.
std::vector<float> weightsOf(const Geometry& g, const Tensor& filter, const Tensor& scale) {
  std::vector<float> weights(filter.floats(), filter.floats() + filter.size());
  for (size_t at = 0; scale.size() > 0 && at < weights.size(); at++) weights[at] *= scale.floats()[at % g.channels];
  return weights;
}

// Bands of rows, so that one image keeps all cores busy as well.
long bandsOf(const Geometry& g) { return std::max(1L, std::min<long>(g.outputHeight / 4, (2L * Crew::instance().size() + g.batch - 1) / g.batch)); }

// The image of which a band reads rows [low, high): normalised, where there is something to normalise.
const float* read(const Geometry& g, const Affine& before, const float* image, long low, long high) {
  if (!before.there()) return image;
  float* to = room<0>((high - low) * g.inputRow());
  normalise(image + low * g.inputRow(), to, before, g.before, (high - low) * g.width, g.channels);
  return to - low * g.inputRow();
}

// One row of results.
void outputRow(const Geometry& g, const float* image, const float* weights, const float* offset, long oy, float* to) {
  const long firstY = oy * g.stride - g.top;
  Taps taps;
  bool inside = false;
  for (long ox = 0; ox < g.outputWidth; ox++, to += g.channels) {
    const long firstX = ox * g.stride - g.left;
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

// x, before [4,C] or [0], filter, its scale [C] or [0], bias [C] or [0], gamma [C] or [0], beta -> y, affine [4,C] or [0], variance [C] or [0]
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
  const Tensor affine = trains ? call.output(1, {4, g.channels}) : call.output(1, {0}), variance = call.output(2, {trains ? g.channels : 0});
  if (!call.good()) return;
  if (trains) g.ceiling = -1;
  const Affine before(normalised);
  const std::vector<float> none(bias.size() == 0 ? g.channels : 0, 0.0f);
  const float* offset = bias.size() == 0 ? none.data() : bias.floats();
  const std::vector<float> scaled = weightsOf(g, filter, scale);
  const float *from = x.floats(), *weights = scaled.data();
  const long bands = bandsOf(g), together = std::max(1L, 128L / g.outputWidth);
  const int parts = static_cast<int>(g.batch * bands);
  std::vector<float> centre(g.channels);
  if (trains) {
    // A value that occurs: the first one.
    std::vector<float> first(g.outputRow());
    outputRow(g, read(g, before, from, 0, std::min<long>(g.height, g.side)), weights, offset, 0, first.data());
    std::copy_n(first.data(), g.channels, centre.data());
  }
  Sums sums(trains ? parts : 0, g.channels);
  share(parts, parts, [&](long part, long, int) {
    const long b = part / bands, band = part % bands;
    const long begin = g.outputHeight * band / bands, end = g.outputHeight * (band + 1) / bands;
    const long low = std::max(0L, begin * g.stride - g.top), high = std::min(g.height, (end - 1) * g.stride - g.top + g.side);
    const float* image = read(g, before, from + b * g.height * g.inputRow(), low, high);
    for (long oy = begin; oy < end; oy += together) {
      const long until = std::min(oy + together, end);
      float* to = y.floats() + (b * g.outputHeight + oy) * g.outputRow();
      for (long row = oy; row < until; row++) outputRow(g, image, weights, offset, row, to + (row - oy) * g.outputRow());
      if (trains) sums.add(static_cast<int>(part), [&](float* a, float* c) { addSpread(to, centre.data(), (until - oy) * g.outputWidth, g.channels, a, c); });
    }
  });
  if (trains) settle(sums.all(), centre.data(), gamma.floats(), beta.floats(), g.epsilon, g.batch * g.outputHeight * g.outputWidth, g.channels, affine.floats(), variance.floats());
}

// dx of input rows [begin, end) of one image; `gradient(oy)` is the row of dz.
template <typename Row>
void inputGradient(const Geometry& g, const float* weights, float* dx, long begin, long end, const Row& gradient) {
  for (long iy = begin; iy < end; iy++) {
    Taps taps;
    bool inside = false;
    for (long ix = 0; ix < g.width; ix++) {
      const bool before = inside;
      inside = g.stride == 1 && ix + g.left - g.side >= -1 && ix + g.left < g.outputWidth;
      if (before && inside) {
        taps.advance(g.channels);
      } else {
        taps.count = 0;
        for (int ky = 0; ky < g.side; ky++) {
          const long y = iy + g.top - ky;
          if (y < 0 || y % g.stride != 0 || y / g.stride >= g.outputHeight) continue;
          const float* row = gradient(y / g.stride);
          for (int kx = 0; kx < g.side; kx++) {
            const long x = ix + g.left - kx;
            if (x >= 0 && x % g.stride == 0 && x / g.stride < g.outputWidth) taps.add(row + x / g.stride * g.channels, weights + (ky * g.side + kx) * g.channels);
          }
        }
      }
      float* out = dx + iy * g.inputRow() + ix * g.channels;
      withTaps(taps, [&](auto count) {
        eachChannel(g.channels, [&](auto lane, long c) { lane.write(out + c, weighed<decltype(count)::value>(taps, lane, c, typename decltype(lane)::Type{})); });
      });
    }
  }
}

// Adds what one row of dz says of the filter and the offset to `sums`: taps, then the offset, [K*K+1, C].
template <int side>
void filterRow(const Geometry& g, const float* image, const float* row, long oy, float* sums) {
  constexpr int count = side * side;
  const float* line[side];
  for (int ky = 0; ky < side; ky++) {
    const long iy = oy * g.stride - g.top + ky;
    line[ky] = iy < 0 || iy >= g.height ? nullptr : image + iy * g.inputRow();
  }
  bool whole = true;
  for (int ky = 0; ky < side; ky++) whole = whole && line[ky];
  // Results all of whose taps are inside.
  const long first = whole ? std::min<long>((g.left + g.stride - 1) / g.stride, g.outputWidth) : g.outputWidth;
  const long last = std::max(first, std::min<long>(g.outputWidth, (g.width - side + g.left) / g.stride + 1));
  eachChannel(g.channels, [&](auto lane, long c) {
    using L = decltype(lane);
    typename L::Type total[count + 1] = {};
    const auto border = [&](long from, long to) {
      for (long ox = from; ox < to; ox++) {
        const auto d = L::read(row + ox * g.channels + c);
        const long ix = ox * g.stride - g.left;
        total[count] += d;
        for (int ky = 0; ky < side; ky++)
          for (int kx = 0; kx < side; kx++)
            if (line[ky] && ix + kx >= 0 && ix + kx < g.width) total[ky * side + kx] += d * L::read(line[ky] + (ix + kx) * g.channels + c);
      }
    };
    border(0, first);
    for (long ox = first; ox < last; ox++) {
      const auto d = L::read(row + ox * g.channels + c);
      const long at = (ox * g.stride - g.left) * g.channels + c;
      total[count] += d;
      for (int ky = 0; ky < side; ky++)
        for (int kx = 0; kx < side; kx++) total[ky * side + kx] += d * L::read(line[ky] + at + kx * g.channels);
    }
    border(last, g.outputWidth);
    for (int tap = 0; tap <= count; tap++) L::write(sums + tap * g.channels + c, L::read(sums + tap * g.channels + c) + total[tap]);
  });
}

// dz, y (of no size where nobody asks for it), affine and slopes of y or [0], x, before or [0], filter, scale
// -> dx (before its rectifier and batch-norm, if there are any), dfilter, dbias, and of the batch-norm before: dgamma, dbeta, slopes
void backward(void* given, TF_OpKernelContext* context) {
  Call call(context);
  const Tensor dz = call.input(0), y = call.input(1), own = call.input(2), givenSlopes = call.input(3), x = call.input(4), normalised = call.input(5), filter = call.input(6), scale = call.input(7);
  const Settings& settings = *static_cast<Settings*>(given);
  if (!call.good() || !fits(call, settings, x, filter, normalised, scale)) return;
  const Geometry g(settings, x, filter);
  const bool trains = own.size() > 0, rectified = !trains && g.ceiling >= 0;
  const bool known = g.side == 3 || g.side == 5 || g.side == 7 || g.side == 1;
  if (!call.require(known && dz.size() == g.batch * g.outputHeight * g.outputRow() && (!(trains || rectified) || y.size() == dz.size()) &&
                        (!trains || (own.size() == 4 * g.channels && givenSlopes.size() == 2 * g.channels)),
                    "depthwise convolution: what its gradient is given does not fit together")) return;
  const Affine before(normalised), behind(own);
  const Slopes slopes(givenSlopes);
  const long channels = before.there() ? g.channels : 0;
  const Tensor dx = call.output(0, x.shape()), dFilter = call.output(1, filter.shape()), dBias = call.output(2, {g.channels});
  const Tensor dGamma = call.output(3, {channels}), dBeta = call.output(4, {channels}), slopesBefore = call.output(5, {2, channels});
  if (!call.good()) return;

  const std::vector<float> weights = weightsOf(g, filter, scale);
  const long bands = bandsOf(g), together = std::max(1L, 128L / g.width);
  const long taps = g.side * g.side;
  const int parts = static_cast<int>(g.batch * bands);
  std::vector<double> total((taps + 1) * g.channels, 0.0);
  std::vector<std::vector<double>> sums(parts);
  Sums moments(before.there() ? parts : 0, g.channels);
  share(parts, parts, [&](long part, long, int) {
    const long b = part / bands, band = part % bands;
    const long outFrom = g.outputHeight * band / bands, outTo = g.outputHeight * (band + 1) / bands;
    const long inFrom = g.height * band / bands, inTo = g.height * (band + 1) / bands;
    const float* raw = x.floats() + b * g.height * g.inputRow();
    const float* image = read(g, before, raw, std::max(0L, outFrom * g.stride - g.top), std::min(g.height, (outTo - 1) * g.stride - g.top + g.side));
    // Rows of the gradient that either half of the work reads.
    const long low = std::max(0L, std::min(outFrom, (inFrom + g.top - g.side) / g.stride)), high = std::min<long>(g.outputHeight, std::max(outTo, (inTo - 1 + g.top) / g.stride + 1));
    const long at = (b * g.outputHeight + low) * g.outputRow(), size = (high - low) * g.outputRow();
    const float* gradients = dz.floats() + at;
    if (trains) {
      float* to = room<1>(size);
      normaliseGradient(gradients, y.floats() + at, to, behind, slopes, g.ceiling, size / g.channels, g.channels);
      gradients = to;
    } else if (rectified) {
      float* __restrict to = room<1>(size);
      const float *__restrict d = gradients, *__restrict result = y.floats() + at;
      const float ceiling = g.ceiling;
      for (long place = 0; place < size; place++) to[place] = ((result[place] > 0.0f) & (result[place] < ceiling)) ? d[place] : 0.0f;
      gradients = to;
    }
    const auto row = [&](long oy) { return gradients + (oy - low) * g.outputRow(); };
    std::vector<double>& own = sums[part];
    own.assign((taps + 1) * g.channels, 0.0);
    auto* add = g.side == 3 ? filterRow<3> : g.side == 5 ? filterRow<5> : g.side == 7 ? filterRow<7> : filterRow<1>;
    // Single precision for a few rows, then double.
    std::vector<float> few(own.size(), 0.0f);
    for (long oy = outFrom; oy < outTo; oy++) {
      add(g, image, row(oy), oy, few.data());
      if (oy + 1 < outTo && (oy + 1 - outFrom) % run != 0) continue;
      for (size_t place = 0; place < own.size(); place++) own[place] += few[place];
      std::fill(few.begin(), few.end(), 0.0f);
    }
    float* to = dx.floats() + b * g.height * g.inputRow();
    for (long iy = inFrom; iy < inTo; iy += together) {
      const long until = std::min(iy + together, inTo), from = iy * g.inputRow();
      inputGradient(g, weights.data(), to, iy, until, row);
      if (before.there()) moments.add(static_cast<int>(part), [&](float* a, float* c) { addMoments(to + from, raw + from, before, g.before, (until - iy) * g.width, g.channels, a, c); });
    }
  });
  // In the order of the parts, whoever computed them: the same sum every time.
  for (const std::vector<double>& own : sums)
    for (size_t at = 0; at < own.size(); at++) total[at] += own[at];
  for (long at = 0; at < taps * g.channels; at++) dFilter.floats()[at] = static_cast<float>(total[at] * (scale.size() > 0 ? scale.floats()[at % g.channels] : 1.0f));
  for (long c = 0; c < g.channels; c++) dBias.floats()[c] = static_cast<float>(total[taps * g.channels + c]);
  if (before.there()) settleGradient(moments.all(), before, x.size() / g.channels, g.channels, dGamma.floats(), dBeta.floats(), slopesBefore.floats());
}

}  // namespace

bool defineDepthwiseConvolution() {
  return define("CultivarDepthwise", {"x: float", "normalised: float", "filter: float", "scale: float", "bias: float", "gamma: float", "beta: float"}, {"y: float", "affine: float", "variance: float"},
                {"geometry: list(int)", "before: float", "ceiling: float", "epsilon: float"}, create, forward, destroy) &&
         define("CultivarDepthwiseGrad", {"dz: float", "y: float", "affine: float", "slopes: float", "x: float", "normalised: float", "filter: float", "scale: float"},
                {"dx: float", "dfilter: float", "dbias: float", "dgamma: float", "dbeta: float", "slopesbefore: float"},
                {"geometry: list(int)", "before: float", "ceiling: float", "epsilon: float"}, create, backward, destroy);
}

}  // namespace cultivar
