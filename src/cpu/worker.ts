/** The entry of a worker of the CPU runner, in a browser or in Node. */
import { Member } from './member';
import type { Envelope, Reply } from './messages';
import { nodeModule } from './node';

const member = new Member();
const parentPort = nodeModule('node:worker_threads')?.parentPort;
const port: { postMessage(reply: Reply): void } = parentPort ?? self;

async function serve(envelope: Envelope): Promise<void> {
  port.postMessage(await member.handle(envelope));
}

if (parentPort) parentPort.on('message', serve);
else self.onmessage = ({ data }: MessageEvent<Envelope>) => serve(data);
