import { testCases } from '../support/test-cases';
import { whereCases } from './cases/where';

testCases(whereCases);
