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

// What is read next, of one tensor or two, and still in memory; nothing where the caches may have it.
struct Ahead {
  const float *one = nullptr, *other = nullptr;
  bool there() const { return one != nullptr; }
  Ahead at(long by) const { return {one + by, other + by}; }
};

// The sums over all steps of a[row * aRow + step * aStep] * b[step * bStep + column], handed on row by row: `wide` vectors each.
// The lines of memory at `ahead`, one a step, are fetched meanwhile.
template <int count, int wide, bool fetches = false, typename Out>
inline __attribute__((always_inline)) void tile(const float* a, long aRow, long aStep, const float* b, long bStep, long steps, const Out& out, Ahead ahead = Ahead(), long aheadStep = 0) {
  Vector sum[count][wide] = {};
  for (long step = 0; step < steps; step++, a += aStep, b += bStep) {
    Vector column[wide];
#pragma GCC unroll 3
    for (int at = 0; at < wide; at++) column[at] = Eight::read(b + at * lanes);
    if (fetches) {
      __builtin_prefetch(ahead.one);
      __builtin_prefetch(ahead.other);
      ahead = ahead.at(aheadStep);
    }
#pragma GCC unroll 6
    for (int row = 0; row < count; row++) {
      const float factor = a[row * aRow];
#pragma GCC unroll 3
      for (int at = 0; at < wide; at++) sum[row][at] += factor * column[at];
    }
  }
  // Unrolled, so that the sums never leave the registers.
#pragma GCC unroll 6
  for (int row = 0; row < count; row++) out(row, sum[row]);
}

// work(rows, first) for tiles of all rows; `rows` is a constant, at most `most`. Tiles of few rows leave registers idle: as many as may be have six or four.
template <int most, typename Work>
inline __attribute__((always_inline)) void eachTile(long rows, const Work& work) {
  for (long row = 0, rest = rows; rest > 0; rest = rows - row) {
    if (most >= 6 && rest >= 6 && rest != 8) {
      work(std::integral_constant<int, most >= 6 ? 6 : 1>{}, row);
      row += 6;
    } else if (rest >= 4) {
      work(std::integral_constant<int, 4>{}, row);
      row += 4;
    } else if (rest >= 2) {
      work(std::integral_constant<int, 2>{}, row);
      row += 2;
    } else {
      work(std::integral_constant<int, 1>{}, row);
      row += 1;
    }
  }
}

// work(wide, first, width) for panels of `width` columns, in `wide` vectors: sixteen each. Where eight would be left over, the last has twenty-four.
template <typename Work>
inline __attribute__((always_inline)) void eachPanel(long columns, const Work& work) {
  for (long first = 0; first < columns;) {
    const long rest = columns - first;
    if (rest <= lanes) {
      work(std::integral_constant<int, 1>{}, first, rest);
      first += rest;
    } else if (rest > tileColumns && rest <= tileColumns + lanes) {
      work(std::integral_constant<int, 3>{}, first, rest);
      first += rest;
    } else {
      work(std::integral_constant<int, 2>{}, first, std::min(rest, tileColumns));
      first += std::min(rest, tileColumns);
    }
  }
}

// Rows of a tile that is so many vectors wide: twelve sums, in sixteen registers.
constexpr int rowsFor(int wide) { return wide == 3 ? 4 : 6; }

// What is done to eight results before they are written: nothing. The row counts from the first that is multiplied.
struct AsItIs {
  Vector operator()(Vector value, long /* row */, long /* column */) const { return value; }
};

// Rows ahead that are on their way from memory while others are worked on.
constexpr long rowsAhead = 24;

// A matrix [steps, columns] in panels of sixteen columns, one behind another; zeros where there are no more. Each column, or each
// step, may be multiplied by a number of its own.
class Panels {
 public:
  Panels(const float* from, long steps, long columns, long stepStride, long columnStride, const float* columnScale = nullptr, const float* stepScale = nullptr) : steps_(steps), columns_(columns) {
    values_.reset(new float[(columns + lanes - 1) / lanes * lanes * steps]);
    const auto pack = [=](auto wide, long first, long width, long step) {
      constexpr long full = wide() * lanes;
      const float* source = from + step * stepStride + first * columnStride;
      float* to = values_.get() + first * steps + step * full;
      const float scale = stepScale ? stepScale[step] : 1.0f;
      for (long column = 0; column < width; column++) to[column] = source[column * columnStride] * (columnScale ? columnScale[first + column] : scale);
      for (long column = width; column < full; column++) to[column] = 0.0f;
    };
    share(steps, shares(steps * columns, 16384), [&](long begin, long end, int) {
      // In the order of memory: where the columns of a step stand side by side, a step after another.
      if (columnStride == 1) {
        for (long step = begin; step < end; step++) eachPanel(columns, [&](auto wide, long first, long width) { pack(wide, first, width, step); });
      } else {
        eachPanel(columns, [&](auto wide, long first, long width) {
          for (long step = begin; step < end; step++) pack(wide, first, width, step);
        });
      }
    });
  }

  // to[rows, columns] = a[rows, steps] times the matrix; `finish(values, row, column)` may change what is written, eight columns at a time.
  template <typename Finish = AsItIs>
  void multiply(const float* a, long rows, float* to, const Finish& finish = Finish()) const {
    eachPanel(columns_, [&](auto wide, long first, long width) {
      if (width == wide() * lanes) panel<wide()>(a, rows, first, to + first, finish);
      else edge<wide()>(a, rows, first, width, to + first, finish);
    });
  }

 private:
  template <int wide, typename Finish>
  void panel(const float* a, long rows, long first, float* to, const Finish& finish) const {
    eachTile<rowsFor(wide)>(rows, [&](auto count, long row) {
      const float* from = a + row * steps_;
      // What comes next: the first panel is the first to read it.
      for (long at = 0; first == 0 && at < count() * steps_; at += 2 * lanes) __builtin_prefetch(from + rowsAhead * steps_ + at);
      tile<count(), wide>(from, steps_, 1, values_.get() + first * steps_, wide * lanes, steps_, [&](int at, const Vector* sum) __attribute__((always_inline)) {
        float* out = to + (row + at) * columns_;
#pragma GCC unroll 3
        for (int part = 0; part < wide; part++) Eight::write(out + part * lanes, finish(sum[part], row + at, first + part * lanes));
      });
    });
  }

  // The same for columns that do not fill their vectors.
  template <int wide, typename Finish>
  void edge(const float* a, long rows, long first, long width, float* to, const Finish& finish) const {
    for (long row = 0; row < rows; row++) {
      tile<1, wide>(a + row * steps_, steps_, 1, values_.get() + first * steps_, wide * lanes, steps_, [&](int, const Vector* sum) {
        float whole[wide * lanes];
        for (int part = 0; part < wide; part++) Eight::write(whole + part * lanes, finish(sum[part], row, first + part * lanes));
        std::copy_n(whole, width, to + row * columns_);
      });
    }
  }

  const long steps_, columns_;
  std::unique_ptr<float[]> values_;
};

// One panel of the columns of b.
template <int wide>
inline void addColumns(const float* a, long left, const float* b, long right, long rows, float* sum, Ahead ahead, long aheadStep, bool along) {
  eachTile<rowsFor(wide)>(left, [&](auto count, long row) {
    const auto add = [&](int at, const Vector* more) __attribute__((always_inline)) {
      float* out = sum + (row + at) * right;
#pragma GCC unroll 3
      for (int part = 0; part < wide; part++) Eight::write(out + part * lanes, Eight::read(out + part * lanes) + more[part]);
    };
    if (ahead.there()) tile<count(), wide, true>(a + row, 1, left, b, right, rows, add, along ? ahead.at(row) : ahead, aheadStep);
    else tile<count(), wide>(a + row, 1, left, b, right, rows, add);
  });
}

// sum[left, right] += a[rows, left] transposed times b[rows, right].
// Meanwhile the rows behind these of the wider matrix are fetched: of a by its first panel, of b by all.
inline void addProduct(const float* a, long left, const float* b, long right, long rows, float* sum, Ahead aheadLeft = Ahead(), Ahead aheadRight = Ahead()) {
  const long whole = right / lanes * lanes;
  const bool isRight = right > left;
  eachPanel(whole, [&](auto wide, long first, long) {
    const Ahead ahead = isRight ? (aheadRight.there() ? aheadRight.at(first) : Ahead()) : first == 0 ? aheadLeft : Ahead();
    addColumns<wide()>(a, left, b + first, right, rows, sum + first, ahead, isRight ? right : left, !isRight);
  });
  // The last few columns.
  if (whole == right) return;
  for (long row = 0; row < rows; row++)
    for (long k = 0; k < left; k++)
      for (long c = whole; c < right; c++) sum[k * right + c] += a[row * left + k] * b[row * right + c];
}

}  // namespace cultivar
