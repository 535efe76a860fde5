// Draws a frame of video over the whole canvas, straight from where the decoder left it: nothing is copied.
//
// picture  the current frame of a video element or a VideoFrame, of the canvas's size
//
// The vertex stage makes one triangle that covers the canvas (a second one would shade the diagonal twice); each
// invocation of the fragment stage makes one pixel.

@group(0) @binding(0) var picture: texture_external;

@vertex
fn vertex_main(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
  return vec4<f32>(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn fragment_main(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
  let limit = vec2<u32>(textureDimensions(picture)) - 1u;
  let colour = textureLoad(picture, min(vec2<u32>(position.xy), limit)).rgb;
  return vec4<f32>(clamp(colour, vec3<f32>(0.0), vec3<f32>(1.0)), 1.0);
}
