import { testCases } from '../support/test-cases';
import { resize2dCases } from './cases/resize2d';

testCases(resize2dCases);
