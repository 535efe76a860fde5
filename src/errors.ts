/** The base of every error that Fovea throws on purpose. The message names the thing, the value and what was expected. */
export class FoveaError extends Error {
  // Written out in each class: minifiers rename classes.
  override readonly name: string = 'FoveaError';
}

/** No usable WebGPU: `step` says how far the search came. */
export class WebGPUUnavailableError extends FoveaError {
  override readonly name: string = 'WebGPUUnavailableError';

  constructor(
    readonly step: 'insecure-context' | 'no-api' | 'no-adapter' | 'limits' | 'no-device',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The device was lost while it worked, and the work may be asked for again; or no new one can be had: `cause` says why. */
export class DeviceLostError extends FoveaError {
  override readonly name: string = 'DeviceLostError';
}

/** The GPU refused an allocation, or a network asks for more memory than it may take. */
export class OutOfMemoryError extends FoveaError {
  override readonly name: string = 'OutOfMemoryError';
}

/** WebGPU rejected something that Fovea built: a fault of Fovea's own, with WebGPU's message. */
export class GPUValidationError extends FoveaError {
  override readonly name: string = 'GPUValidationError';
}

/** A shader did not compile; the message carries the numbered source. */
export class ShaderCompileError extends FoveaError {
  override readonly name: string = 'ShaderCompileError';
}

/** A tensor, attribute or shape does not fit the operator. */
export class ShapeError extends FoveaError {
  override readonly name: string = 'ShapeError';
}

/** An argument of a public call is wrong. */
export class ArgumentError extends FoveaError {
  override readonly name: string = 'ArgumentError';
}

/** A file is not what it claims to be; names the file and the entry. */
export class ModelFormatError extends FoveaError {
  override readonly name: string = 'ModelFormatError';
}

/** A download failed, or what arrived does not match its integrity digest. */
export class DownloadError extends FoveaError {
  override readonly name: string = 'DownloadError';
}

export interface UnsupportedNode {
  readonly node: string;
  readonly operator: string;
  readonly reason: string;
}

/** Every node of a network that cannot run, at once. */
export class UnsupportedOperatorError extends FoveaError {
  override readonly name: string = 'UnsupportedOperatorError';

  constructor(readonly nodes: readonly UnsupportedNode[]) {
    const lines = nodes.map((n) => `${n.operator} "${n.node}": ${n.reason}`);
    super(`${nodes.length} unsupported ${nodes.length === 1 ? 'node' : 'nodes'}: ${lines.join('; ')}`);
  }
}

/** An object was used after its `dispose()`. */
export class DisposedError extends FoveaError {
  override readonly name: string = 'DisposedError';
}
