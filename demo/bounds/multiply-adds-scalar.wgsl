// How many multiply-adds a second, one number at a time?  As multiply-adds.wgsl, for adapters that keep each component
// of a vector in a register of its own, and have too few of them for eight vectors.
//
//   numbers  [2] f32            factor and addend, from memory so that no compiler computes ahead
//   y        [invocations] f32  written so that nothing is dropped
//
// Each invocation does ITERATIONS · 16 · 8 multiply-adds in registers.

@group(0) @binding(0) var<storage, read> numbers: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

override ITERATIONS: u32 = 128u;

fn four_steps(y: f32, factor: f32, addend: f32) -> f32 {
  return (((y * factor + addend) * factor + addend) * factor + addend) * factor + addend;
}

fn sixteen_steps(y: f32, factor: f32, addend: f32) -> f32 {
  let half_way = four_steps(four_steps(y, factor, addend), factor, addend);
  return four_steps(four_steps(half_way, factor, addend), factor, addend);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let factor = numbers[0];
  let addend = numbers[1];
  var a = f32(id.x);
  var b = a + addend;
  var c = b + addend;
  var d = c + addend;
  var e = d + addend;
  var f = e + addend;
  var g = f + addend;
  var h = g + addend;
  for (var i = 0u; i < ITERATIONS; i++) {
    a = sixteen_steps(a, factor, addend);
    b = sixteen_steps(b, factor, addend);
    c = sixteen_steps(c, factor, addend);
    d = sixteen_steps(d, factor, addend);
    e = sixteen_steps(e, factor, addend);
    f = sixteen_steps(f, factor, addend);
    g = sixteen_steps(g, factor, addend);
    h = sixteen_steps(h, factor, addend);
  }
  y[id.x] = a + b + c + d + e + f + g + h;
}
