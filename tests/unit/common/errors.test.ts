import { describe, expect, it } from 'vitest';
import { catalogue, type ErrorEntry } from '../../../common/errors/catalogue.ts';
import { RekindleError, renderReport, reportOf } from '../../../common/errors/error.ts';

describe('the error catalogue', () => {
  const entries: [string, ErrorEntry][] = Object.entries(catalogue);

  it.each(entries)('%s says what happened and what to do next', (code, entry) => {
    expect(code).toMatch(/^RK\d{3}$/);
    expect(entry.title).toMatch(/^[A-Z].*[.!?]$/);
    expect(entry.hint).toMatch(/^[A-Z].{8,}[.!?]$/);
    expect(entry.title.toLowerCase()).not.toBe('failed.');
  });
});

describe('RekindleError', () => {
  it('renders message, cause, next step, and the code last', () => {
    const text = renderReport(new RekindleError('RK401', 'vda has 1.0 GB, 4.0 GB are needed').report());
    expect(text.split('\n').map((line) => line.trim().split(' ')[0])).toEqual(['The', 'Why:', 'Next:']);
    expect(text).toMatch(/\[RK401\]$/);
  });

  it('calls the unforeseen a bug of ours, with its message', () => {
    expect(reportOf(new TypeError('x is not a function'))).toMatchObject({
      code: 'RK001',
      cause: 'x is not a function',
    });
  });
});
