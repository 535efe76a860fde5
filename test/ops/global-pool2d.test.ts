import { testCases } from '../support/test-cases';
import { globalPool2dCases } from './cases/global-pool2d';

testCases(globalPool2dCases);
