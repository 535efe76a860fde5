import { testCases } from '../support/test-cases';
import { upsampleConv2dCases } from './cases/upsample-conv2d';

testCases(upsampleConv2dCases);
