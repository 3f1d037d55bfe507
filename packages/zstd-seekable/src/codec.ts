/**
 * What a worker thread does to one frame. A worker of a single executable cannot be a file of its own, so these
 * functions travel as text (worker.ts): they use nothing but their parameters and JavaScript's own globals.
 */
export interface CodecModules {
  zlib: typeof import('node:zlib');
  crypto: typeof import('node:crypto');
}

/** Of zstd, by number, as zlib's `params` takes them. */
export type ZstdParameters = Record<number, number>;

export interface EncodeReply {
  /** Bytes written to the output. */
  written: number;
  sha256: Uint8Array;
  contentSha256: Uint8Array;
}

export interface DecodeChecks {
  /** Take the SHA-256 of the frame. */
  digest: boolean;
  /** Decompress it into the output, whose length is what must come out. */
  decompress: boolean;
  /** Take the SHA-256 of what came out. */
  contentDigest: boolean;
}

export interface DecodeReply {
  sha256?: Uint8Array;
  contentSha256?: Uint8Array;
  /** Why zstd refused the frame. */
  failure?: string;
}

export interface Codec {
  encode(input: Uint8Array, output: Uint8Array): EncodeReply;
  decode(input: Uint8Array, output: Uint8Array, checks: DecodeChecks): DecodeReply;
  /** Gives back zstd's memory. */
  close(): void;
}

/** One frame from buffer to buffer. */
export type Coder = (input: Uint8Array, output: Uint8Array) => { written: number; failure?: string };

/** What zlib's createZstd functions give. */
export interface ZstdStream {
  destroy(): unknown;
}

/** What of zlib's stream objects the direct way needs. It is not documented, so it is looked for. */
interface StreamInternals {
  _handle?: {
    writeSync?: (
      flush: number,
      input: Uint8Array,
      inputOffset: number,
      inputLength: number,
      output: Uint8Array,
      outputOffset: number,
      outputLength: number,
    ) => void;
  };
  _writeState?: Uint32Array;
  errored: Error | null;
  on(event: 'error', listener: () => void): void;
}

/**
 * One zstd context for all frames, from our buffer to our buffer: 8% faster than zlib's one-shot calls, which make
 * a context and an output buffer for each frame. Undefined where this Node's zlib is built otherwise.
 */
export function directCoder(stream: object, endFrame: number): Coder | undefined {
  const internals = stream as StreamInternals;
  const handle = internals._handle;
  const state = internals._writeState;
  if (typeof handle?.writeSync !== 'function' || state?.length !== 2) return undefined;
  internals.on('error', () => undefined); // `errored` is looked at
  return (input, output) => {
    handle.writeSync?.(endFrame, input, 0, input.length, output, 0, output.length);
    if (internals.errored) return { written: 0, failure: internals.errored.message };
    const written = output.length - (state[0] ?? 0);
    return state[1] === 0 ? { written } : { written, failure: `${state[1]} bytes of the frame are left over` };
  };
}

/** zlib's documented one-shot calls. */
export function oneShotCoders(zlib: CodecModules['zlib'], params: ZstdParameters): { encode: Coder; decode: Coder } {
  const attempt = (output: Uint8Array, code: () => Uint8Array): ReturnType<Coder> => {
    try {
      const result = code();
      output.set(result);
      return { written: result.length };
    } catch (error) {
      return { written: 0, failure: error instanceof Error ? error.message : String(error) };
    }
  };
  const chunkSize = (output: Uint8Array): number => Math.max(64, output.length + 1);
  return {
    encode: (input, output) =>
      attempt(output, () =>
        zlib.zstdCompressSync(input, { params, pledgedSrcSize: input.length, chunkSize: chunkSize(output) }),
      ),
    decode: (input, output) =>
      attempt(output, () =>
        zlib.zstdDecompressSync(input, { maxOutputLength: Math.max(1, output.length), chunkSize: chunkSize(output) }),
      ),
  };
}

export interface CodecParts {
  directCoder: typeof directCoder;
  oneShotCoders: typeof oneShotCoders;
}

/** @param direct false for zlib's documented calls only */
export function frameCodec(
  { zlib, crypto }: CodecModules,
  parts: CodecParts,
  params: ZstdParameters,
  direct: boolean,
): Codec {
  const endFrame = zlib.constants.ZSTD_e_end;
  const oneShot = parts.oneShotCoders(zlib, params);
  const sha256 = (bytes: Uint8Array): Uint8Array => crypto.hash('sha256', bytes, 'buffer');
  const streams: ZstdStream[] = [];
  const open = (make: () => ZstdStream): Coder | undefined => {
    if (!direct) return undefined;
    const stream = make();
    streams.push(stream);
    return parts.directCoder(stream, endFrame);
  };
  const close = (): void => {
    for (const stream of streams.splice(0)) stream.destroy();
  };
  let encoder: Coder | undefined;
  let decoder: Coder | undefined;
  return {
    encode(input, output) {
      const contentSha256 = sha256(input);
      encoder ??= open(() => zlib.createZstdCompress({ params })) ?? oneShot.encode;
      const { written, failure } = encoder(input, output);
      if (failure !== undefined) throw new Error(failure);
      return { written, contentSha256, sha256: sha256(output.subarray(0, written)) };
    },
    decode(input, output, checks) {
      const reply: DecodeReply = checks.digest ? { sha256: sha256(input) } : {};
      if (!checks.decompress) return reply;
      decoder ??= open(() => zlib.createZstdDecompress()) ?? oneShot.decode;
      const { written, failure } = decoder(input, output);
      if (failure !== undefined || written !== output.length) {
        decoder = undefined; // its context may be in the middle of a frame
        close();
        return { ...reply, failure: failure ?? `${written} bytes came out, not ${output.length}` };
      }
      return checks.contentDigest ? { ...reply, contentSha256: sha256(output) } : reply;
    },
    close,
  };
}
