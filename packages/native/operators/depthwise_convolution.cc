// Depthwise convolution, one filter a channel, with offset and rectifier behind it, and the gradient of all three at once.
// x [B,H,W,C], filter [K,K,C,1], y [B,H',W',C]; channels stand last, eight of them are computed at a time.
// y = f(z), z[o] = bias + sum over taps of x[o stride + tap - pad] filter[tap]. (Howard et al. 2017, MobileNets)
#include <algorithm>
#include <type_traits>

#include "operator.h"
#include "parallel.h"
#include "vector.h"

namespace cultivar {
namespace {

// Largest filter, taps on a side.
constexpr int largest = 7;

// Rows that are summed in single precision.
constexpr long run = 8;

struct Settings {
  int stride, top, left, outputHeight, outputWidth;
  // Of the rectifier: infinity for relu; negative for none.
  float ceiling;
};

void* create(TF_OpKernelConstruction* construction) {
  std::vector<int32_t> geometry = integersAttribute(construction, "geometry");
  geometry.resize(5, 0);
  return new Settings{geometry[0], geometry[1], geometry[2], geometry[3], geometry[4], floatAttribute(construction, "ceiling")};
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

bool fits(Call& call, const Settings& settings, const Tensor& x, const Tensor& filter) {
  return call.require(TF_NumDims(x.handle) == 4 && TF_NumDims(filter.handle) == 4 && filter.dimension(0) == filter.dimension(1) && filter.dimension(0) <= largest &&
                          filter.dimension(2) == x.dimension(3) && filter.dimension(3) == 1 && settings.stride > 0,
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

// x, filter, bias [C] or [0] -> y
void forward(void* given, TF_OpKernelContext* context) {
  Call call(context);
  const Tensor x = call.input(0), filter = call.input(1), bias = call.input(2);
  const Settings& settings = *static_cast<Settings*>(given);
  if (!call.good() || !fits(call, settings, x, filter)) return;
  const Geometry g(settings, x, filter);
  const Tensor y = call.output(0, {g.batch, g.outputHeight, g.outputWidth, g.channels});
  if (!call.good()) return;
  const std::vector<float> none(bias.size() == 0 ? g.channels : 0, 0.0f);
  const float* offset = bias.size() == 0 ? none.data() : bias.floats();
  const float *from = x.floats(), *weights = filter.floats();
  float* to = y.floats();
  const long rows = g.batch * g.outputHeight;
  share(rows, shares(rows, 1), [&](long begin, long end, int) {
    for (long row = begin; row < end; row++) {
      const float* image = from + row / g.outputHeight * g.height * g.inputRow();
      const long firstY = row % g.outputHeight * g.stride - g.top;
      Taps taps;
      bool inside = false;
      for (long ox = 0; ox < g.outputWidth; ox++) {
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
        float* out = to + row * g.outputRow() + ox * g.channels;
        withTaps(taps, [&](auto count) {
          eachChannel(g.channels, [&](auto lane, long c) {
            const auto z = weighed<decltype(count)::value>(taps, lane, c, lane.read(offset + c));
            lane.write(out + c, g.ceiling < 0 ? z : held(z, g.ceiling));
          });
        });
      }
    }
  });
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

// dy, y (of no size without a rectifier), x, filter -> dx, dfilter, dbias
void backward(void* given, TF_OpKernelContext* context) {
  Call call(context);
  const Tensor dy = call.input(0), y = call.input(1), x = call.input(2), filter = call.input(3);
  const Settings& settings = *static_cast<Settings*>(given);
  if (!call.good() || !fits(call, settings, x, filter)) return;
  const Geometry g(settings, x, filter);
  const bool rectified = g.ceiling >= 0;
  const bool known = g.side == 3 || g.side == 5 || g.side == 7 || g.side == 1;
  if (!call.require(known && dy.size() == g.batch * g.outputHeight * g.outputRow() && (!rectified || y.size() == dy.size()), "depthwise convolution: what its gradient is given does not fit together")) return;
  const Tensor dx = call.output(0, x.shape()), dFilter = call.output(1, filter.shape()), dBias = call.output(2, {g.channels});
  if (!call.good()) return;

  // Bands of rows, so that one image keeps all cores busy as well.
  const long bands = std::max(1L, std::min<long>(g.outputHeight / 4, (2L * Crew::instance().size() + g.batch - 1) / g.batch));
  const long taps = g.side * g.side;
  const int parts = static_cast<int>(g.batch * bands);
  std::vector<double> total((taps + 1) * g.channels, 0.0);
  std::vector<std::vector<double>> sums(parts);
  share(parts, parts, [&](long part, long, int) {
    const long b = part / bands, band = part % bands;
    const long outFrom = g.outputHeight * band / bands, outTo = g.outputHeight * (band + 1) / bands;
    const long inFrom = g.height * band / bands, inTo = g.height * (band + 1) / bands;
    const float* gradients = dy.floats() + b * g.outputHeight * g.outputRow();
    const float* image = x.floats() + b * g.height * g.inputRow();
    // Rows of dz that either half of the work reads.
    const long low = std::max(0L, std::min(outFrom, (inFrom + g.top - g.side) / g.stride)), high = std::min<long>(g.outputHeight, std::max(outTo, (inTo - 1 + g.top) / g.stride + 1));
    static thread_local std::vector<float> passed;
    if (rectified) {
      const long size = (high - low) * g.outputRow();
      if (static_cast<long>(passed.size()) < size) passed.resize(size);
      const float *__restrict d = gradients + low * g.outputRow(), *__restrict result = y.floats() + b * g.outputHeight * g.outputRow() + low * g.outputRow();
      float* __restrict to = passed.data();
      const float ceiling = g.ceiling;
      for (long at = 0; at < size; at++) to[at] = ((result[at] > 0.0f) & (result[at] < ceiling)) ? d[at] : 0.0f;
    }
    const float* kept = rectified ? passed.data() - low * g.outputRow() : gradients;
    const auto row = [&](long oy) { return kept + oy * g.outputRow(); };
    std::vector<double>& own = sums[part];
    own.assign((taps + 1) * g.channels, 0.0);
    auto* add = g.side == 3 ? filterRow<3> : g.side == 5 ? filterRow<5> : g.side == 7 ? filterRow<7> : filterRow<1>;
    // Single precision for a few rows, then double.
    std::vector<float> few(own.size(), 0.0f);
    for (long oy = outFrom; oy < outTo; oy++) {
      add(g, image, row(oy), oy, few.data());
      if (oy + 1 < outTo && (oy + 1 - outFrom) % run != 0) continue;
      for (size_t at = 0; at < own.size(); at++) own[at] += few[at];
      std::fill(few.begin(), few.end(), 0.0f);
    }
    inputGradient(g, filter.floats(), dx.floats() + b * g.height * g.inputRow(), inFrom, inTo, row);
  });
  // In the order of the parts, whoever computed them: the same sum every time.
  for (const std::vector<double>& own : sums)
    for (size_t at = 0; at < own.size(); at++) total[at] += own[at];
  for (long at = 0; at < taps * g.channels; at++) dFilter.floats()[at] = static_cast<float>(total[at]);
  for (long c = 0; c < g.channels; c++) dBias.floats()[c] = static_cast<float>(total[taps * g.channels + c]);
}

}  // namespace

bool defineDepthwiseConvolution() {
  return define("CultivarDepthwise", {"x: float", "filter: float", "bias: float"}, {"y: float"}, {"geometry: list(int)", "ceiling: float"}, create, forward, destroy) &&
         define("CultivarDepthwiseGrad", {"dy: float", "y: float", "x: float", "filter: float"}, {"dx: float", "dfilter: float", "dbias: float"}, {"geometry: list(int)", "ceiling: float"}, create,
                backward, destroy);
}

}  // namespace cultivar
