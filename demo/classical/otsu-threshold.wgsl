// The brightness that splits a picture best (Otsu 1979, "A threshold selection method from gray-level histograms"):
// the one at which the two classes' means are furthest apart, weighted by how many pixels each has.
//
//   threshold = argmax_t  n₀(t) · n₁(t) · (μ₀(t) - μ₁(t))²        pixels of brightness ≤ t are class 0
//
// histogram [256]
// threshold [1], the lowest on ties
//
// A single invocation walks over the 256 brightnesses and moves pixels from the bright class to the dark one as it
// goes, so that each step costs a few additions. That is less than a second launch or a barrier would cost.

struct Params {
  pixels: u32,
}

@group(0) @binding(0) var<storage, read> histogram: array<u32, 256>;
@group(0) @binding(1) var<storage, read_write> threshold: array<u32>;
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(1)
fn main() {
  var bright_sum = 0.0;
  for (var level = 0u; level < 256u; level++) { bright_sum += f32(level) * f32(histogram[level]); }
  var dark = 0u;
  var dark_sum = 0.0;
  var best = -1.0;
  var chosen = 0u;
  for (var level = 0u; level < 256u; level++) {
    let moved = f32(level) * f32(histogram[level]);
    dark += histogram[level];
    dark_sum += moved;
    bright_sum -= moved;
    let bright = params.pixels - dark;
    if (dark > 0u && bright > 0u) {
      let apart = dark_sum / f32(dark) - bright_sum / f32(bright);
      let share = f32(dark) / f32(params.pixels);
      let variance = share * (1.0 - share) * apart * apart;
      if (variance > best) { best = variance; chosen = level; }
    }
  }
  threshold[0] = chosen;
}
