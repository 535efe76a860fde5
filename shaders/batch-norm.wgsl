// Batch normalisation with recorded statistics, where no convolution could take it in, and the second half of instance
// normalisation, after instance-norm-statistics:
//
//   y[n, c, …] = (x[n, c, …] - mean[c]) / sqrt(variance[c] + epsilon) · scale[c] + bias[c]
//
// With RESIDUAL, x is the sum of x and residual; with SLOPES a PReLU follows, with a slope for each channel.
//
// scale, bias     [C], as vec4s; slopes the same
// mean, variance  the same; in instance normalisation one of each for every image, as float32
// x, residual, y  with IMAGE nhwc4 [N, H, W, C/4] vec4, possibly parts of larger tensors; otherwise row-major [N, C, inner]
//
// One invocation makes one vec4. In an image that is four channels of a pixel, which share one load of each vector; in
// a row-major tensor it is four neighbours, whose channels are looked up one by one. Bound by bandwidth either way.

alias Vec4 = vec4<f32>;
alias Statistics = Vec4;

struct View { offset: u32, image: u32, row: u32, pixel: u32 }  // nhwc4, in vec4s: the first, and steps to the next

struct Params {
  x: View,
  residual: View,
  y: View,
  size: u32,       // vec4s of y; image: rows of all images
  width: u32,      // image
  height: u32,
  channels: u32,
  inner: u32,      // row-major: elements of one channel of one sample
  scale: u32,      // where each vector starts, in vec4s
  bias: u32,
  mean: u32,
  variance: u32,
  slopes: u32,
  image_step: u32, // from the mean and variance of one image to those of the next
  epsilon: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Vec4>;
@group(0) @binding(1) var<storage, read> scale: array<Vec4>;
@group(0) @binding(2) var<storage, read> bias: array<Vec4>;
@group(0) @binding(3) var<storage, read> mean: array<Statistics>;
@group(0) @binding(4) var<storage, read> variance: array<Statistics>;
@group(0) @binding(5) var<storage, read> slopes: array<Vec4>;
@group(0) @binding(6) var<storage, read> residual: array<Vec4>;
@group(0) @binding(7) var<storage, read_write> y: array<Vec4>;
@group(0) @binding(8) var<uniform> params: Params;

override IMAGE: bool = true;
override SLOPES: bool = false;
override RESIDUAL: bool = false;
override WORKGROUP: u32 = 64;

fn normalise(v: vec4f, block: u32, image: u32) -> vec4f {
  let known = block + image * params.image_step;
  let factor = vec4f(scale[params.scale + block]) / sqrt(vec4f(variance[params.variance + known]) + params.epsilon);
  let result = (v - vec4f(mean[params.mean + known])) * factor + vec4f(bias[params.bias + block]);
  if (!SLOPES) { return result; }
  return select(result, result * vec4f(slopes[params.slopes + block]), result < vec4f(0.0));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid: vec3u, @builtin(num_workgroups) groups: vec3u) {
  if (IMAGE) {
    let blocks = (params.channels + 3u) / 4u;
    let column = gid.x / blocks;
    let line = gid.y + gid.z * groups.y;
    if (column >= params.width || line >= params.size) { return; }
    let block = gid.x % blocks;
    let row = line % params.height;
    let image = line / params.height;
    let source = params.x.offset + image * params.x.image + row * params.x.row + column * params.x.pixel + block;
    let to = params.y.offset + image * params.y.image + row * params.y.row + column * params.y.pixel + block;
    let lanes = block * 4u + vec4u(0u, 1u, 2u, 3u);
    let other = params.residual.offset + image * params.residual.image + row * params.residual.row + column * params.residual.pixel + block;
    var v = vec4f(x[source]);
    if (RESIDUAL) { v += vec4f(residual[other]); }
    let result = normalise(v, block, image);
    y[to] = Vec4(select(vec4f(0.0), result, lanes < vec4u(params.channels)));
    return;
  }
  let i = gid.x + gid.y * groups.x * WORKGROUP;
  if (i >= params.size) { return; }
  var source = vec4f(x[params.x.offset + i]);
  if (RESIDUAL) { source += vec4f(residual[params.residual.offset + i]); }
  var result = vec4f(0.0);
  for (var lane = 0u; lane < 4u; lane++) {
    let channel = (i * 4u + lane) / params.inner % params.channels;
    result[lane] = normalise(vec4f(source[lane]), channel / 4u, 0u)[channel % 4u];
  }
  y[params.y.offset + i] = Vec4(result);
}
