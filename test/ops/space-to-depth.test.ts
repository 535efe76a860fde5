import { testCases } from '../support/test-cases';
import { spaceToDepthCases } from './cases/space-to-depth';

testCases(spaceToDepthCases);
