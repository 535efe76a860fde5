import { testCases } from '../support/test-cases';
import { maxPool2dCases } from './cases/max-pool2d';

testCases(maxPool2dCases);
