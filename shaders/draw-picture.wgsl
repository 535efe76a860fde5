// Draws a picture over the whole canvas: draw-picture-external.wgsl for browsers that hand video over only as a copy.
//
// picture  texture of RGBA in 0..1, of the canvas's size
//
// The vertex stage makes one triangle that covers the canvas (a second one would shade the diagonal twice); each
// invocation of the fragment stage makes one pixel.

@group(0) @binding(0) var picture: texture_2d<f32>;

@vertex
fn vertex_main(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  return vec4f(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn fragment_main(@builtin(position) position: vec4f) -> @location(0) vec4f {
  let limit = vec2i(textureDimensions(picture)) - 1;
  return vec4f(textureLoad(picture, min(vec2i(position.xy), limit), 0).rgb, 1.0);
}
