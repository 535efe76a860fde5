import { testCases } from '../support/test-cases';
import { ssdDecodeCases } from './cases/ssd-decode';

testCases(ssdDecodeCases);
