// One function of one number, over a whole tensor: y = f(x). FUNCTION numbers the functions as the host does; INTEGER
// says that the elements are int32 (bool among them). CHAIN: several functions in turn, y = h(g(f(x))), read from memory.
//
// x, y: any tensor as vec4s. FLAT: both are contiguous and the i-th vec4 of one answers the i-th of the other.
// Otherwise both are nhwc4 [N, H, W, C/4], possibly parts of larger tensors.
// functions: of a chain, [number, alpha, beta, 0] of each.
// One invocation makes one vec4. There is nothing to share: the kernel is bound by bandwidth, two moves per element.

alias Vec4 = vec4<f32>;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  y: View,
  size: u32,      // vec4s of y
  width: u32,
  height: u32,
  channels: u32,
  alpha: f32,
  beta: f32,
  low: i32,       // bounds of relu, relu6 and clip on int32
  high: i32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> functions: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(3) var<uniform> params: Params;

override FUNCTION: u32 = 0;
override INTEGER: bool = false;
override CHAIN: bool = false;
override FLAT: bool = true;
override WORKGROUP: u32 = 64;

// A test of the bits: compilers may assume that there is no NaN.
fn is_nan(v: vec4f) -> vec4<bool> { return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u); }

// A quiet NaN, which WGSL cannot spell, from anything.
fn make_nan(v: vec4f) -> vec4f { return bitcast<vec4f>(bitcast<vec4u>(v) | vec4u(0x7fc00000u)); }

fn limit(v: vec4f, low: vec4f, high: vec4f) -> vec4f {
  return select(select(v, low, v < low), high, v > high);
}

// e^v - 1. Its Taylor series near zero, where the subtraction would cancel all digits; ninth term: 0.5⁸ / 9! < 2⁻²⁴.
fn expm1(v: vec4f) -> vec4f {
  let series = v * (1.0 + v / 2.0 * (1.0 + v / 3.0 * (1.0 + v / 4.0 * (1.0 + v / 5.0 * (1.0 + v / 6.0 * (1.0 + v / 7.0 * (1.0 + v / 8.0)))))));
  return select(exp(v) - 1.0, series, abs(v) < vec4f(0.5));
}

// artanh(v) for |v| ≤ 1/3 by its Taylor series; eighth term: 3⁻¹⁴ / 15 < 2⁻²⁴.
fn artanh_series(v: vec4f) -> vec4f {
  let q = v * v;
  return v * (1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q / 13.0))))));
}

// log(1 + v) for v in 0..1.
fn log1p(v: vec4f) -> vec4f { return 2.0 * artanh_series(v / (2.0 + v)); }

// By its Maclaurin series near zero (Abramowitz and Stegun 7.1.5), with an error of 2⁻²⁴ of the result; beyond by
// 7.1.26, with |error| < 1.5e-7.
fn erf(v: vec4f) -> vec4f {
  let q = v * v;
  let series = v * 1.1283791671 * (1.0 - q * (1.0 / 3.0 - q * (1.0 / 10.0 - q * (1.0 / 42.0 - q * (1.0 / 216.0
    - q * (1.0 / 1320.0 - q * (1.0 / 9360.0 - q * (1.0 / 75600.0 - q * (1.0 / 685440.0 - q / 6894720.0)))))))));
  let t = 1.0 / (1.0 + 0.3275911 * abs(v));
  let p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return select(sign(v) * (1.0 - p * exp(-q)), series, abs(v) < vec4f(1.0));
}

// Only ever raises e to a negative power, which cannot overflow.
fn sigmoid(v: vec4f) -> vec4f {
  let e = exp(-abs(v));
  return select(vec4f(1.0), e, v < vec4f(0.0)) / (1.0 + e);
}

fn softplus(v: vec4f) -> vec4f { return select(v, vec4f(0.0), v < vec4f(0.0)) + log1p(exp(-abs(v))); }

// WGSL's tanh may err by 1e-5, and overflow to NaN for large arguments.
fn accurate_tanh(v: vec4f) -> vec4f {
  let e = expm1(2.0 * limit(v, vec4f(-15.0), vec4f(15.0)));
  return e / (e + 2.0);
}

// Not every platform's log minds zero and negative numbers.
fn safe_log(v: vec4f) -> vec4f {
  let zero = vec4f(0.0);
  return select(select(log(v), -1.0 / abs(v), v == zero), make_nan(v), v < zero);
}

// WGSL's own trigonometric and hyperbolic functions may err by 2⁻¹¹ and more. These polynomials are those of the Cephes
// library (Moshier), right to a few units in the last place for angles up to 10,000.

// An angle as quarter turns and a rest in -π/4..π/4. π/2 comes in three parts; the first two have so few bits that their
// multiples are exact.
struct Angle { quarters: vec4f, rest: vec4f }

fn angle_of(v: vec4f) -> Angle {
  let quarters = round(v * 0.636619772);
  let rest = ((v - quarters * 1.5703125) - quarters * 4.837512969970703e-4) - quarters * 7.549789954891882e-8;
  return Angle(quarters, limit(rest, vec4f(-0.8), vec4f(0.8)));
}

fn is_odd(v: vec4f) -> vec4<bool> { return v != 2.0 * floor(v * 0.5); }

// A quarter turn more makes a sine of a cosine.
fn sine(v: vec4f, more_quarters: f32) -> vec4f {
  let a = angle_of(v);
  let quarters = a.quarters + more_quarters;
  let q = a.rest * a.rest;
  let sin_rest = a.rest + a.rest * q * (-0.166666546 + q * (8.3321609e-3 - q * 1.9515296e-4));
  let cos_rest = 1.0 - 0.5 * q + q * q * (0.0416666457 + q * (-1.38873163e-3 + q * 2.44331571e-5));
  let y = select(sin_rest, cos_rest, is_odd(quarters));
  return select(y, -y, is_odd(floor(quarters * 0.5)));
}

fn tangent(v: vec4f) -> vec4f {
  let a = angle_of(v);
  let q = a.rest * a.rest;
  let y = a.rest + a.rest * q * (0.333331568 + q * (0.133387994 + q * (0.0534112807 + q * (0.0244301354 + q * (3.11992232e-3 + q * 9.38540186e-3)))));
  return select(y, -1.0 / y, is_odd(a.quarters));
}

// For 0..1/2; q is the square of v.
fn arcsine_series(v: vec4f, q: vec4f) -> vec4f {
  return v + v * q * (0.166667524 + q * (0.0749530027 + q * (0.0454700260 + q * (0.0241813111 + q * 0.0421632))));
}

// For 1/2..1 by the half angle, arccos(a) = 2 arcsin(√((1 - a) / 2)).
fn arccosine_near_one(a: vec4f) -> vec4f {
  let q = 0.5 * (1.0 - a);
  return 2.0 * arcsine_series(sqrt(q), q);
}

fn arcsine(v: vec4f) -> vec4f {
  let a = abs(v);
  let y = select(arcsine_series(a, a * a), 1.57079633 - arccosine_near_one(a), a > vec4f(0.5));
  return select(select(y, -y, v < vec4f(0.0)), make_nan(v), a > vec4f(1.0));
}

fn arccosine(v: vec4f) -> vec4f {
  let a = abs(v);
  let far = arccosine_near_one(a);
  let y = select(1.57079633 - sign(v) * arcsine_series(a, a * a), select(far, 3.14159265 - far, v < vec4f(0.0)), a > vec4f(0.5));
  return select(y, make_nan(v), a > vec4f(1.0));
}

// Beyond tan(π/8) by arctan(a) = π/4 + arctan((a - 1) / (a + 1)), beyond tan(3π/8) by π/2 - arctan(1 / a).
fn arctangent(v: vec4f) -> vec4f {
  let a = abs(v);
  let is_far = a > vec4f(2.41421356);
  let is_middle = (a > vec4f(0.414213562)) & !is_far;
  let t = select(select(a, (a - 1.0) / (a + 1.0), is_middle), -1.0 / a, is_far);
  let base = select(select(vec4f(0.0), vec4f(0.785398163), is_middle), vec4f(1.57079633), is_far);
  let q = t * t;
  let y = base + (t + t * q * (-0.333329492 + q * (0.199777106 + q * (-0.138776856 + q * 0.0805374450))));
  return select(y, -y, v < vec4f(0.0));
}

// Of |v|, where e^|v| is large: half of it, from two factors that do not overflow before the result does.
fn half_exp(v: vec4f) -> vec4f {
  let e = exp(0.5 * abs(v));
  return 0.5 * e * e;
}

fn hyperbolic_sine(v: vec4f) -> vec4f {
  let m = expm1(limit(abs(v), vec4f(0.0), vec4f(10.0)));
  return sign(v) * select(0.5 * (m + m / (m + 1.0)), half_exp(v), abs(v) > vec4f(10.0));
}

fn hyperbolic_cosine(v: vec4f) -> vec4f {
  let half = half_exp(v);
  return half + 0.25 / half;
}

// log(a + √(a² ± 1)) is log(2 a) where the square would overflow.
const LARGE = 1e10;
const LOG_2 = 0.693147181;

fn area_hyperbolic_sine(v: vec4f) -> vec4f {
  let a = abs(v);
  let root = sqrt(a * a + 1.0);
  let y = select(log(a + root), log(a) + LOG_2, a > vec4f(LARGE));
  return sign(v) * select(y, log1p(a + a * a / (1.0 + root)), a < vec4f(0.75));
}

fn area_hyperbolic_cosine(v: vec4f) -> vec4f {
  let d = v - 1.0;
  let t = d + sqrt(d * (v + 1.0));
  let y = select(log(v + sqrt(d * (v + 1.0))), log(v) + LOG_2, v > vec4f(LARGE));
  return select(select(y, log1p(t), t < vec4f(1.0)), make_nan(v), v < vec4f(1.0));
}

fn area_hyperbolic_tangent(v: vec4f) -> vec4f {
  let a = abs(v);
  return sign(v) * select(0.5 * (log(1.0 + a) - safe_log(1.0 - a)), artanh_series(a), a < vec4f(1.0 / 3.0));
}

// A test of the bits, as compilers may assume that there is no infinity. alpha: whether the negative one counts.
fn is_infinite(v: vec4f, negative: vec4f, positive: vec4f) -> vec4f {
  let bits = bitcast<vec4u>(v);
  let counted = select(vec4f(0.0), positive, bits == vec4u(0x7f800000u));
  return select(counted, negative, bits == vec4u(0xff800000u));
}

fn apply_function(function: u32, a: vec4f, b: vec4f, v: vec4f) -> vec4f {
  let zero = vec4f(0.0);
  let one = vec4f(1.0);
  switch (function) {
    case 1u: { return select(v, zero, v < zero); }                             // relu
    case 2u: { return limit(v, zero, 6.0 * one); }                             // relu6
    case 3u: { return select(v, a * v, v < zero); }                            // leaky-relu
    case 4u: { return select(v, a * expm1(v), v < zero); }                     // elu
    case 5u: { return select(v, a * expm1(v / a), v / a < zero); }             // celu
    case 6u: { return b * select(v, a * expm1(v), v < zero); }                 // selu
    case 7u: { return sigmoid(v); }
    case 8u: { return limit(a * v + b, zero, one); }                           // hard-sigmoid
    case 9u: { return accurate_tanh(v); }
    case 10u: { return v * limit(v / 6.0 + 0.5, zero, one); }                  // hard-swish
    case 11u: { return v * sigmoid(a * v); }                                   // silu
    case 12u: { return 0.5 * v * (1.0 + erf(v * 0.70710678)); }                // gelu
    case 13u: { return 0.5 * v * (1.0 + accurate_tanh(0.79788456 * (v + 0.044715 * v * v * v))); }  // gelu-tanh
    case 14u: { return v * accurate_tanh(softplus(v)); }                       // mish
    case 15u: { return softplus(v); }
    case 16u: { return v / (1.0 + abs(v)); }                                   // softsign
    case 17u: { return limit(v, a, b); }                                       // clip
    case 18u: { return exp(v); }
    case 19u: { return safe_log(v); }
    case 20u: { return sqrt(v); }
    case 21u: { return abs(v); }
    case 22u: { return -v; }
    case 23u: { return 1.0 / v; }
    case 24u: { return floor(v); }
    case 25u: { return ceil(v); }
    case 26u: { return round(v); }                                             // halves to even
    case 27u: { return sine(v, 0.0); }
    case 28u: { return sine(v, 1.0); }                                         // cos
    case 29u: { return erf(v); }
    case 30u: { return sign(v); }
    case 31u: { return select(zero, one, v == zero); }                         // not
    case 32u: { return select(zero, one, is_nan(v)); }
    case 33u: { return is_infinite(v, a, b); }
    case 34u: { return tangent(v); }
    case 35u: { return arcsine(v); }
    case 36u: { return arccosine(v); }
    case 37u: { return arctangent(v); }
    case 38u: { return hyperbolic_sine(v); }
    case 39u: { return hyperbolic_cosine(v); }
    case 40u: { return area_hyperbolic_sine(v); }
    case 41u: { return area_hyperbolic_cosine(v); }
    case 42u: { return area_hyperbolic_tangent(v); }
    default: { return v; }
  }
}

// Not every platform's exp, log and sign keep NaN. `not`, `is-nan` and `is-inf` have an answer to it.
fn apply_float(function: u32, alpha: f32, beta: f32, v: Vec4) -> Vec4 {
  let wide = vec4f(v);
  let keeps_nan = function < 31u || function > 33u;
  let y = apply_function(function, vec4f(alpha), vec4f(beta), wide);
  return Vec4(select(y, wide, is_nan(wide) & vec4<bool>(keeps_nan)));
}

// Rounds to the storage type after each function, as if each were a node.
fn apply_chain(x: Vec4) -> Vec4 {
  var v = x;
  for (var i = 0u; i < arrayLength(&functions); i++) {
    let f = functions[i];
    v = apply_float(u32(f.x), f.y, f.z, v);
  }
  return v;
}

fn apply_integer(v: vec4i) -> vec4i {
  switch (FUNCTION) {
    case 1u, 2u, 17u: { return clamp(v, vec4i(params.low), vec4i(params.high)); }  // relu, relu6, clip
    case 21u: { return abs(v); }
    case 22u: { return -v; }
    case 30u: { return sign(v); }
    case 31u: { return select(vec4i(0), vec4i(1), v == vec4i(0)); }            // not
    default: { return v; }
  }
}

fn apply(v: Vec4) -> Vec4 {
  if (INTEGER) { return Vec4(apply_integer(vec4i(v))); }
  if (CHAIN) { return apply_chain(v); }
  return apply_float(FUNCTION, params.alpha, params.beta, v);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  if (FLAT) {
    y[params.y.offset + i] = apply(x[params.x.offset + i]);
    return;
  }
  let blocks = (params.channels + 3u) / 4u;
  let block = i % blocks;
  let column = (i / blocks) % params.width;
  let row = (i / blocks / params.width) % params.height;
  let image = i / blocks / params.width / params.height;
  let source = params.x.offset + image * params.x.image + row * params.x.row + column * params.x.pixel + block;
  let to = params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block;
  let lane = block * 4u + vec4u(0u, 1u, 2u, 3u);
  y[to] = select(Vec4(), apply(x[source]), lane < vec4u(params.channels));
}
