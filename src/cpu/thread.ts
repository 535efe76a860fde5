import { DisposedError, FoveaError } from '../errors';
import type { Answers, Envelope, Reply, Request } from './messages';
import { nodeModule } from './node';

/** A worker of the browser or of Node. */
interface Channel {
  post(envelope: Envelope): void;
  /** Keeps Node's process alive while a request is pending. */
  hold?(isWaiting: boolean): void;
  close(): void;
}

interface Listener {
  reply(reply: Reply): void;
  /** The worker could not start, or died. */
  failed(error: Error): void;
}

interface Pending {
  resolve(answer: never): void;
  reject(error: Error): void;
}

/** A worker that answers requests in order. */
export class Thread {
  readonly #pending = new Map<number, Pending>();
  readonly #channel: Channel;
  #count = 0;
  #end: Error | undefined;

  /**
   * @param url of worker.ts, built
   * @param onEnd called once, when the worker could not start or died
   */
  constructor(url: string, onEnd: (error: Error) => void) {
    this.#channel = openChannel(url, {
      reply: (reply) => {
        const pending = this.#pending.get(reply.id);
        this.#settle(reply.id);
        if ('error' in reply) pending?.reject(Object.assign(new FoveaError(reply.error.message), reply.error));
        else pending?.resolve(reply.answer as never);
      },
      failed: (error) => {
        if (this.#end) return;
        this.close(error);
        onEnd(error);
      },
    });
  }

  /** @throws FoveaError with the name and message of the worker's error */
  ask<R extends Request>(request: R): Promise<Answers[R['kind']]> {
    return new Promise((resolve, reject) => {
      if (this.#end) return reject(this.#end);
      const id = this.#count++;
      this.#pending.set(id, { resolve, reject });
      this.#channel.hold?.(true);
      try {
        this.#channel.post({ id, request });
      } catch (cause) {
        this.#settle(id);
        reject(new FoveaError(`a worker cannot take "${request.kind}": ${(cause as Error).message}`, { cause }));
      }
    });
  }

  /** Ends the worker; its pending requests fail. */
  close(reason: Error = new DisposedError('the CPU runner was disposed')): void {
    if (this.#end) return;
    this.#end = reason;
    this.#channel.close();
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }

  #settle(id: number): void {
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#channel.hold?.(false);
  }
}

function openChannel(url: string, listener: Listener): Channel {
  if (typeof Worker !== 'undefined') {
    const worker = new Worker(url, { type: 'module', name: 'fovea' });
    worker.onmessage = ({ data }: MessageEvent<Reply>) => listener.reply(data);
    worker.onerror = ({ message }) =>
      listener.failed(new FoveaError(`worker ${url}: ${message ?? 'not found; the option urls says where it is'}`));
    return { post: (envelope) => worker.postMessage(envelope), close: () => worker.terminate() };
  }
  const threads = nodeModule('node:worker_threads');
  if (!threads) throw new FoveaError('the CPU runner needs workers, which are missing here');
  const worker = new threads.Worker(new URL(url), { name: 'fovea' });
  worker.on('message', (reply: Reply) => listener.reply(reply));
  worker.on('error', (cause) => listener.failed(new FoveaError(`worker ${url}: ${cause.message}`, { cause })));
  worker.on('exit', (code) => listener.failed(new FoveaError(`worker ${url} ended with code ${code}`)));
  worker.unref();
  return {
    post: (envelope) => worker.postMessage(envelope),
    hold: (isWaiting) => (isWaiting ? worker.ref() : worker.unref()),
    close: () => void worker.terminate(),
  };
}
