// One function of two numbers, element by element with NumPy's broadcasting: y = f(a, b). FUNCTION numbers the
// functions as the host does; INTEGER says that the elements are int32.
//
// a, b, y: tensors as vec4s. MODE says how an invocation finds the two vec4s that make its vec4 of y:
//
//   0 flat    the i-th of a and b make the i-th of y: both are contiguous and have y's shape
//   1 image   nhwc4 [N, H, W, C/4], possibly parts of larger tensors; a repeated axis has stride 0
//   2 strided row-major y; each of the four elements is looked up by its indices, over up to 8 axes
//
// A_SPLAT, B_SPLAT (modes 0 and 1): the operand has one channel, or one element, and its first lane serves all four.
// In image mode the lanes past the last channel are set to zero, which most functions do not leave them.
// There is nothing to share: the kernel is bound by bandwidth, three moves per element.

alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  a: View,
  b: View,
  y: View,
  shape: array<vec4<u32>, 2>,      // strided: axes of y, outermost first, filled up in front with 1
  a_strides: array<vec4<i32>, 2>,  // in elements
  b_strides: array<vec4<i32>, 2>,
  a_offset: i32,
  b_offset: i32,
  size: u32,                       // vec4s of y; image: rows of all images
  elements: u32,                   // strided: elements of y
  width: u32,                      // image
  height: u32,
  channels: u32,
}

@group(0) @binding(0) var<storage, read> a: array<Vec4>;
@group(0) @binding(1) var<storage, read> b: array<Vec4>;
@group(0) @binding(2) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(3) var<uniform> params: Params;

override FUNCTION: u32 = 0;
override INTEGER: bool = false;
override MODE: u32 = 0;
override A_SPLAT: bool = false;
override B_SPLAT: bool = false;
override FIRST_AXIS: u32 = 0;  // axes before this one have extent 1
override WORKGROUP: u32 = 64;

// Tests of the bits: compilers may assume that there is no NaN and no infinity.
fn is_nan(v: vec4f) -> vec4<bool> { return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u); }
fn make_nan(v: vec4f) -> vec4f { return bitcast<vec4f>(bitcast<vec4u>(v) | vec4u(0x7fc00000u)); }

// Long division in binary, of positive numbers. Each step is exact: doubling is, and so is the difference of two numbers
// within a factor of two (Sterbenz 1974). float32's exponents and digits bound the digits of a quotient.
const QUOTIENT_DIGITS = 277u;
fn positive_remainder(p: vec4f, q: vec4f) -> vec4f {
  var divisor = q;
  for (var i = 0u; i < QUOTIENT_DIGITS; i++) {
    let is_small = divisor <= 0.5 * p;
    if (!any(is_small)) { break; }
    divisor = select(divisor, divisor + divisor, is_small);
  }
  var rest = p;
  for (var i = 0u; i < QUOTIENT_DIGITS; i++) {
    rest = select(rest, rest - divisor, rest >= divisor);
    if (!any(divisor > q)) { break; }
    divisor = select(divisor, 0.5 * divisor, divisor > q);
  }
  return rest;
}

// C's fmod, with the sign of p.
fn remainder(p: vec4f, q: vec4f) -> vec4f {
  let is_infinite = (bitcast<vec4u>(p) & vec4u(0x7fffffffu)) == vec4u(0x7f800000u);
  let is_none = is_nan(p) | is_nan(q) | is_infinite | (q == vec4f(0.0));
  let rest = positive_remainder(select(abs(p), vec4f(0.0), is_none), abs(q));
  return select(select(select(rest, -rest, p < vec4f(0.0)), p, abs(p) < abs(q)), make_nan(p), is_none);
}

// WGSL's pow is exp2(q · log2(p)): only for positive bases, and not exact for the exponents that networks use.
fn power(p: vec4f, q: vec4f) -> vec4f {
  let one = vec4f(1.0);
  let odd = (floor(q) == q) & (abs(q % 2.0) == one);
  let size = select(pow(abs(p), q), one, abs(p) == one);
  var result = select(size, -size, (p < vec4f(0.0)) & odd);
  result = select(result, select(vec4f(0.0), 1.0 / select(abs(p), p, odd), q < vec4f(0.0)), p == vec4f(0.0));
  // A fractional power of a negative base is NaN, except that -∞ has ∞ or 0. Its bits are compared, as compilers may
  // assume that there is no infinity.
  let not_minus_infinity = bitcast<vec4u>(p) != vec4u(0xff800000u);
  result = select(result, make_nan(p), (p < vec4f(0.0)) & not_minus_infinity & (floor(q) != q));
  result = select(result, sqrt(p), (q == vec4f(0.5)) & not_minus_infinity);
  result = select(result, p * p, q == vec4f(2.0));
  result = select(result, p * p * p, q == vec4f(3.0));
  result = select(result, p, q == one);
  result = select(result, make_nan(p), is_nan(p) | is_nan(q));
  return select(result, one, (q == vec4f(0.0)) | (p == one));
}

fn apply_float(p: vec4f, q: vec4f) -> vec4f {
  switch (FUNCTION) {
    case 0u: { return p + q; }
    case 1u: { return p - q; }
    case 2u: { return p * q; }
    case 3u: { return p / q; }
    case 4u: { return select(q, p, is_nan(p) | (p < q)); }            // min, NaN before all
    case 5u: { return select(q, p, is_nan(p) | (p > q)); }            // max, NaN before all
    case 6u: { return power(p, q); }
    case 7u: { return select(p, p * q, p < vec4f(0.0)); }         // prelu
    default: { return remainder(p, q); }
  }
}

// By repeated squaring, wrapping at 32 bits; a negative exponent leaves only ±1 whole.
fn integer_power(p: vec4i, q: vec4i) -> vec4i {
  let one = vec4i(1);
  var result = one;
  var square = p;
  for (var bit = 0u; bit < 31u; bit++) {
    result = select(result, result * square, ((q >> vec4u(bit)) & one) == one);
    square *= square;
  }
  let inverse = select(vec4i(0), select(p, one, (q & one) == vec4i(0)), abs(p) == one);
  return select(result, inverse, q < vec4i(0));
}

fn apply_integer(p: vec4i, q: vec4i) -> vec4i {
  let zero = vec4i(0);
  switch (FUNCTION) {
    case 0u: { return p + q; }
    case 1u: { return p - q; }
    case 2u: { return p * q; }
    case 3u: { return select(p / q, zero, q == zero); }               // rounds towards zero
    case 4u: { return min(p, q); }
    case 5u: { return max(p, q); }
    case 6u: { return integer_power(p, q); }
    case 7u: { return select(p, p * q, p < zero); }                   // prelu
    default: {                                                        // mod, with the sign of q
      let rest = p % q;
      return select(rest, rest + q, (rest != zero) & ((rest ^ q) < zero));
    }
  }
}

fn apply(p: Vec4, q: Vec4) -> Vec4 {
  if (INTEGER) { return Vec4(apply_integer(vec4i(p), vec4i(q))); }
  return Vec4(apply_float(vec4f(p), vec4f(q)));
}

fn load_a(i: u32) -> Vec4 { if (A_SPLAT) { return a[i].xxxx; } return a[i]; }
fn load_b(i: u32) -> Vec4 { if (B_SPLAT) { return b[i].xxxx; } return b[i]; }

// Element `i` of y, in row-major order, as offsets of its operands in elements.
fn operands(i: u32) -> vec2u {
  var rest = i;
  var from_a = params.a_offset;
  var from_b = params.b_offset;
  for (var axis = 8u; axis > FIRST_AXIS; ) {
    axis -= 1u;
    let extent = params.shape[axis / 4u][axis % 4u];
    let index = i32(rest % extent);
    rest /= extent;
    from_a += index * params.a_strides[axis / 4u][axis % 4u];
    from_b += index * params.b_strides[axis / 4u][axis % 4u];
  }
  return vec2u(u32(from_a), u32(from_b));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  if (MODE == 1u) {
    let blocks = (params.channels + 3u) / 4u;
    let column = gid.x / blocks;
    let line = gid.y + gid.z * groups.y;
    if (column >= params.width || line >= params.size) { return; }
    let block = gid.x % blocks;
    let row = line % params.height;
    let image = line / params.height;
    let from_a = params.a.offset + image * params.a.image + row * params.a.row + column * params.a.pixel;
    let from_b = params.b.offset + image * params.b.image + row * params.b.row + column * params.b.pixel;
    let to = params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block;
    let result = apply(load_a(from_a + select(block, 0u, A_SPLAT)), load_b(from_b + select(block, 0u, B_SPLAT)));
    let lanes = block * 4u + vec4u(0u, 1u, 2u, 3u);
    y[to] = select(Vec4(), result, lanes < vec4u(params.channels));
    return;
  }
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  if (MODE == 0u) {
    let from_a = params.a.offset + select(i, 0u, A_SPLAT);
    let from_b = params.b.offset + select(i, 0u, B_SPLAT);
    y[params.y.offset + i] = apply(load_a(from_a), load_b(from_b));
    return;
  }
  var p = Vec4();
  var q = Vec4();
  for (var lane = 0u; lane < 4u; lane++) {
    let at = operands(min(i * 4u + lane, params.elements - 1u));
    p[lane] = a[at.x / 4u][at.x % 4u];
    q[lane] = b[at.y / 4u][at.y % 4u];
  }
  y[params.y.offset + i] = apply(p, q);
}
