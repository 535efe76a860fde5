import { testCases } from '../support/test-cases';
import { tileCases } from './cases/tile';

testCases(tileCases);
