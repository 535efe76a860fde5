/** One part of the soak in a process of its own, whose memory and life `main.ts` watches. */
import { callers } from './callers';
import { hostileFiles, mutatedFiles } from './files';
import { frames } from './frames';
import { losses } from './losses';
import { type Job, type Part, Tally } from './tally';

const PARTS: Readonly<Record<string, Part>> = { mutated: mutatedFiles, hostile: hostileFiles, frames, losses, callers };

const [part, job] = process.argv.slice(2);
const tally = new Tally();
await PARTS[part](JSON.parse(job) as Job, tally, (item) => process.send!(item));
await new Promise((resolve) => process.send!(tally.figures(), resolve));
// Dawn's threads would keep the process alive.
process.exit();
