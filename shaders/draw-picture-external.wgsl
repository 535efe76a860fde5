// Draws a frame of video over the whole canvas, straight from where the decoder left it: nothing is copied.
//
// picture  the current frame of a video element or a VideoFrame, of the canvas's size
//
// The vertex stage makes one triangle that covers the canvas (a second one would shade the diagonal twice); each
// invocation of the fragment stage makes one pixel.

@group(0) @binding(0) var picture: texture_external;

@vertex
fn vertex_main(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  return vec4f(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn fragment_main(@builtin(position) position: vec4f) -> @location(0) vec4f {
  let limit = vec2u(textureDimensions(picture)) - 1u;
  let colour = textureLoad(picture, min(vec2u(position.xy), limit));
  return vec4f(clamp(colour.rgb + 1.0 - colour.a, vec3f(0.0), vec3f(1.0)), 1.0);
}
