// The gradient of a depthwise convolution and of what stands before and behind it, all at once: dx, dfilter, dbias, and the sums that the
// batch-norm before it needs.
#include "depthwise.h"

namespace cultivar {
namespace depthwise {
namespace {

// Rows that are summed in single precision.
constexpr long run = 8;

// dx of input rows [begin, end) of one image; `gradient(oy)` is the row of dz.
template <typename Row>
void inputGradient(const Geometry& g, const float* weights, const float* flipped, float* dx, long begin, long end, const Row& gradient) {
  const bool fours = g.side == 3 && g.stride == 1;
  for (long iy = begin; iy < end; iy++) {
    Taps taps;
    const float* line[3];
    for (int ky = 0; fours && ky < 3; ky++) {
      const long y = iy + g.top - 2 + ky;
      line[ky] = y >= 0 && y < g.outputHeight ? gradient(y) : zeros(g.outputRow());
    }
    bool inside = false;
    for (long ix = 0; ix < g.width; ix++) {
      const long first = ix + g.left - 2;
      if (fours && first >= 0 && ix + together <= g.width && first + together + 2 <= g.outputWidth) {
        const float* at[3] = {line[0] + first * g.channels, line[1] + first * g.channels, line[2] + first * g.channels};
        four<1>(at, flipped, zeros(g.channels), -1, g.channels, dx + iy * g.inputRow() + ix * g.channels);
        ix += together - 1;
        inside = false;
        continue;
      }
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

}  // namespace

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
  // Last tap first: the gradient of a convolution is one with the filter turned about.
  std::vector<float> flipped;
  for (long tap = g.side * g.side - 1; tap >= 0; tap--) flipped.insert(flipped.end(), weights.begin() + tap * g.channels, weights.begin() + (tap + 1) * g.channels);
  const long bands = bandsOf(g), several = std::min(rowsAtOnce(g), std::max(1L, 128L / g.outputWidth));
  const long taps = g.side * g.side;
  const int parts = static_cast<int>(g.batch * bands);
  std::vector<double> total((taps + 1) * g.channels, 0.0);
  std::vector<std::vector<double>> sums(parts);
  Sums moments(before.there() ? parts : 0, g.channels);
  share(parts, parts, [&](long part, long, int) {
    const long b = part / bands, band = part % bands;
    const long outFrom = g.outputHeight * band / bands, outTo = g.outputHeight * (band + 1) / bands;
    const float* raw = x.floats() + b * g.height * g.inputRow();
    const auto normal = [&](long low, long high, float* to) { normalise(raw + low * g.inputRow(), to, before, g.before, (high - low) * g.width, g.channels); };
    Rows<decltype(normal)> images(before.there() ? room<0>(((several - 1) * g.stride + g.side) * g.inputRow()) : nullptr, g.inputRow(), normal);
    const auto through = [&](long low, long high, float* to) {
      const long at = (b * g.outputHeight + low) * g.outputRow(), size = (high - low) * g.outputRow();
      if (trains) normaliseGradient(dz.floats() + at, y.floats() + at, to, behind, slopes, g.ceiling, size / g.channels, g.channels);
      else pass(dz.floats() + at, y.floats() + at, to, g.ceiling, size);
    };
    const bool asGiven = !trains && !rectified;
    Rows<decltype(through)> gradients(asGiven ? nullptr : room<1>((several + 2 * g.side + 2) * g.outputRow()), g.outputRow(), through);
    std::vector<double>& own = sums[part];
    own.assign((taps + 1) * g.channels, 0.0);
    auto* add = g.side == 3 ? filterRow<3> : g.side == 5 ? filterRow<5> : g.side == 7 ? filterRow<7> : filterRow<1>;
    // Single precision for a few rows, then double.
    std::vector<float> few(own.size(), 0.0f);
    float* to = dx.floats() + b * g.height * g.inputRow();
    for (long first = outFrom; first < outTo; first += several) {
      const long last = std::min(first + several, outTo);
      const long inFirst = g.height * first / g.outputHeight, inLast = g.height * last / g.outputHeight;
      const float* image = before.there() ? images.read(std::max(0L, first * g.stride - g.top), std::min(g.height, (last - 1) * g.stride - g.top + g.side)) : raw;
      // Rows of the gradient that either half of the work reads.
      const long low = std::max(0L, std::min(first, (inFirst + g.top - g.side) / g.stride)), high = std::min<long>(g.outputHeight, std::max(last, (inLast - 1 + g.top) / g.stride + 1));
      const float* rows = asGiven ? dz.floats() + b * g.outputHeight * g.outputRow() : gradients.read(low, high);
      const auto row = [&](long oy) { return rows + oy * g.outputRow(); };
      for (long oy = first; oy < last; oy++) {
        add(g, image, row(oy), oy, few.data());
        if (oy + 1 < outTo && (oy + 1 - outFrom) % run != 0) continue;
        for (size_t place = 0; place < own.size(); place++) own[place] += few[place];
        std::fill(few.begin(), few.end(), 0.0f);
      }
      inputGradient(g, weights.data(), flipped.data(), to, inFirst, inLast, row);
      if (!before.there() && g.before >= 0) passInPlace(to + inFirst * g.inputRow(), raw + inFirst * g.inputRow(), g.before, (inLast - inFirst) * g.inputRow());
      if (before.there()) moments.add(static_cast<int>(part), [&](float* a, float* c) { addMoments(to + inFirst * g.inputRow(), raw + inFirst * g.inputRow(), before, g.before, (inLast - inFirst) * g.width, g.channels, a, c); });
    }
  });
  // In the order of the parts, whoever computed them: the same sum every time.
  for (const std::vector<double>& own : sums)
    for (size_t at = 0; at < own.size(); at++) total[at] += own[at];
  for (long at = 0; at < taps * g.channels; at++) dFilter.floats()[at] = static_cast<float>(total[at] * (scale.size() > 0 ? scale.floats()[at % g.channels] : 1.0f));
  for (long c = 0; c < g.channels; c++) dBias.floats()[c] = static_cast<float>(total[taps * g.channels + c]);
  if (before.there()) settleGradient(moments.all(), before, x.size() / g.channels, g.channels, dGamma.floats(), dBeta.floats(), slopesBefore.floats());
}

}  // namespace depthwise
}  // namespace cultivar
