/**
 * The references of operators that have no fast kernel, and of what comes before and behind a network, in a file of their
 * own: workers load it when they need any.
 */
import { REFERENCES } from './kernels/reference';

const modules = import.meta.glob<Readonly<Record<string, unknown>>>(
  [
    '../reference/*.ts',
    '!../reference/{epilogue,find,fold,index,reference,runner,strided}.ts',
    '!../reference/{average-pool2d,binary,concat,conv-transpose2d,conv2d,dense,expand,global-pool2d,matmul,max-pool2d}.ts',
    '!../reference/{reshape,resize2d,slice,softmax,split,transpose,unary,upsample-conv2d}.ts',
  ],
  { eager: true },
);

// A file that a worker loads by its address has no exports once it is built: the two meet here.
Object.assign(globalThis, { [REFERENCES]: modules });
