import { testCases } from '../support/test-cases';
import { instanceNormCases } from './cases/instance-norm';

testCases(instanceNormCases);
