import { testCases } from '../support/test-cases';
import { depthToSpaceCases } from './cases/depth-to-space';

testCases(depthToSpaceCases);
