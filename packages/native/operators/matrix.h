// Products of matrices whose rows stand one behind another in memory: tiles of six rows and sixteen columns are summed in registers.
// (Goto & van de Geijn 2008)
#pragma once

#include <algorithm>
#include <memory>
#include <type_traits>

#include "parallel.h"
#include "vector.h"

namespace cultivar {

constexpr int tileRows = 6;
constexpr long tileColumns = 2 * lanes;

// The sums over all steps of a[row * aRow + step * aStep] * b[step * bStep + column], handed on row by row: `wide` vectors each.
template <int count, int wide, typename Out>
inline __attribute__((always_inline)) void tile(const float* a, long aRow, long aStep, const float* b, long bStep, long steps, const Out& out) {
  Vector sum[count][wide] = {};
  for (long step = 0; step < steps; step++, a += aStep, b += bStep) {
    Vector column[wide];
    for (int at = 0; at < wide; at++) column[at] = Eight::read(b + at * lanes);
#pragma GCC unroll 6
    for (int row = 0; row < count; row++) {
      const float factor = a[row * aRow];
      for (int at = 0; at < wide; at++) sum[row][at] += factor * column[at];
    }
  }
  for (int row = 0; row < count; row++) out(row, sum[row]);
}

// work(rows, first) for tiles of all rows; `rows` is a constant.
template <typename Work>
inline void eachTile(long rows, const Work& work) {
  long row = 0;
  for (; row + tileRows <= rows; row += tileRows) work(std::integral_constant<int, tileRows>{}, row);
  for (; row + 2 <= rows; row += 2) work(std::integral_constant<int, 2>{}, row);
  for (; row < rows; row++) work(std::integral_constant<int, 1>{}, row);
}

// A matrix [steps, columns] in panels of sixteen columns, one behind another; zeros where there are no more. Each column, or each
// step, may be multiplied by a number of its own.
class Panels {
 public:
  Panels(const float* from, long steps, long columns, long stepStride, long columnStride, const float* columnScale = nullptr, const float* stepScale = nullptr) : steps_(steps), columns_(columns) {
    const long panels = (columns + tileColumns - 1) / tileColumns;
    values_.reset(new float[panels * tileColumns * steps]);
    share(panels, shares(panels, 1 + 16384 / (tileColumns * steps)), [&](long begin, long end, int) {
      // In the order of memory: where the columns of a step stand side by side, a step after another.
      if (columnStride == 1) {
        for (long step = 0; step < steps; step++)
          for (long panel = begin; panel < end; panel++) pack(from + step * stepStride, panel, step, 1, columnScale, stepScale);
      } else {
        for (long panel = begin; panel < end; panel++)
          for (long step = 0; step < steps; step++) pack(from + step * stepStride, panel, step, columnStride, columnScale, stepScale);
      }
    });
  }

  // to[rows, columns] = a[rows, steps] times the matrix.
  void multiply(const float* a, long rows, float* to) const {
    for (long first = 0; first < columns_; first += tileColumns) {
      const long rest = columns_ - first;
      if (rest > lanes) panel<2>(a, rows, first, std::min(rest, tileColumns), to + first);
      else panel<1>(a, rows, first, rest, to + first);
    }
  }

 private:
  void pack(const float* source, long panel, long step, long columnStride, const float* columnScale, const float* stepScale) const {
    float* to = values_.get() + (panel * steps_ + step) * tileColumns;
    const long first = panel * tileColumns, width = std::min(tileColumns, columns_ - first);
    source += first * columnStride;
    const float scale = stepScale ? stepScale[step] : 1.0f;
    for (long column = 0; column < width; column++) to[column] = source[column * columnStride] * (columnScale ? columnScale[first + column] : scale);
    for (long column = width; column < tileColumns; column++) to[column] = 0.0f;
  }

  template <int wide>
  void panel(const float* a, long rows, long first, long width, float* to) const {
    eachTile(rows, [&](auto count, long row) {
      tile<count(), wide>(a + row * steps_, steps_, 1, values_.get() + first * steps_, tileColumns, steps_, [&](int at, const Vector* sum) {
        float* out = to + (row + at) * columns_;
        if (width == wide * lanes) {
          for (int part = 0; part < wide; part++) Eight::write(out + part * lanes, sum[part]);
        } else {
          for (long c = 0; c < width; c++) out[c] = sum[c / lanes][c % lanes];
        }
      });
    });
  }

  const long steps_, columns_;
  std::unique_ptr<float[]> values_;
};

template <int wide>
inline void addColumns(const float* a, long left, const float* b, long right, long rows, float* sum) {
  eachTile(left, [&](auto count, long row) {
    tile<count(), wide>(a + row, 1, left, b, right, rows, [&](int at, const Vector* more) {
      float* out = sum + (row + at) * right;
      for (int part = 0; part < wide; part++) Eight::write(out + part * lanes, Eight::read(out + part * lanes) + more[part]);
    });
  });
}

// sum[left, right] += a[rows, left] transposed times b[rows, right].
inline void addProduct(const float* a, long left, const float* b, long right, long rows, float* sum) {
  long first = 0;
  for (; first + tileColumns <= right; first += tileColumns) addColumns<2>(a, left, b + first, right, rows, sum + first);
  for (; first + lanes <= right; first += lanes) addColumns<1>(a, left, b + first, right, rows, sum + first);
  // The last few columns.
  if (first == right) return;
  for (long row = 0; row < rows; row++)
    for (long k = 0; k < left; k++)
      for (long c = first; c < right; c++) sum[k * right + c] += a[row * left + k] * b[row * right + c];
}

}  // namespace cultivar
