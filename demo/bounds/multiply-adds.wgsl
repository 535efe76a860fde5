// How many multiply-adds a second?  y = y · factor + addend, again and again, over CHAINS vectors that do not wait for
// each other.
//
//   numbers  [2] vec4            factor and addend, from memory so that no compiler computes ahead
//   y        [invocations] vec4  written so that nothing is dropped
//
// Each invocation does ITERATIONS · 4 · CHAINS · 4 multiply-adds in registers and touches memory three times. An iteration
// has four steps, as the loop itself costs something where a CPU computes. One chain waits for its own results; eight
// keep more numbers than a CPU has registers: which is fastest depends on the adapter.

@group(0) @binding(0) var<storage, read> numbers: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

override ITERATIONS: u32 = 128u;
override CHAINS: u32 = 8u;  // 4 or 8

fn four_steps(y: vec4f, factor: vec4f, addend: vec4f) -> vec4f {
  return (((y * factor + addend) * factor + addend) * factor + addend) * factor + addend;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let factor = numbers[0];
  let addend = numbers[1];
  var a = vec4f(f32(id.x));
  var b = a + addend;
  var c = b + addend;
  var d = c + addend;
  var e = d + addend;
  var f = e + addend;
  var g = f + addend;
  var h = g + addend;
  for (var i = 0u; i < ITERATIONS; i++) {
    a = four_steps(a, factor, addend);
    b = four_steps(b, factor, addend);
    c = four_steps(c, factor, addend);
    d = four_steps(d, factor, addend);
    if (CHAINS > 4u) {
      e = four_steps(e, factor, addend);
      f = four_steps(f, factor, addend);
      g = four_steps(g, factor, addend);
      h = four_steps(h, factor, addend);
    }
  }
  y[id.x] = a + b + c + d + e + f + g + h;
}
