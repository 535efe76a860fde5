/** What a worker thread of the CPU runner runs, in a browser or in Node. */
import { Member } from './member';
import type { Envelope } from './messages';
import { nodeModule } from './node';

interface Port {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
}

const member = new Member();
const serve = async (port: Port, envelope: Envelope): Promise<void> =>
  port.postMessage(...(await member.handle(envelope)));

const parentPort = nodeModule('node:worker_threads')?.parentPort;
if (parentPort) parentPort.on('message', (envelope: Envelope) => serve(parentPort, envelope));
else self.onmessage = ({ data }: MessageEvent<Envelope>) => serve(self as unknown as Port, data);
