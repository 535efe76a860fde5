/** WebGPU's usage flags by value: outside browsers the global namespaces need not exist. */
export const BufferUsage = {
  MAP_READ: 0x0001,
  COPY_SRC: 0x0004,
  COPY_DST: 0x0008,
  UNIFORM: 0x0040,
  STORAGE: 0x0080,
  INDIRECT: 0x0100,
  QUERY_RESOLVE: 0x0200,
} as const;

export const VERTEX_STAGE = 0x1;
export const FRAGMENT_STAGE = 0x2;
export const COMPUTE_STAGE = 0x4;
export const MAP_READ_MODE = 0x1;

export const TextureUsage = {
  COPY_SRC: 0x01,
  COPY_DST: 0x02,
  TEXTURE_BINDING: 0x04,
  STORAGE_BINDING: 0x08,
  RENDER_ATTACHMENT: 0x10,
} as const;
