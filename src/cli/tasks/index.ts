import { classify } from './classify';
import { detect } from './detect';
import { segment } from './segment';

/** The tasks that have a command and are measured by `fovea evaluate`. */
export const TASK_COMMANDS = [classify, detect, segment] as const;
