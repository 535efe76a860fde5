import { testCases } from '../support/test-cases';
import { averagePool2dCases } from './cases/average-pool2d';

testCases(averagePool2dCases);
