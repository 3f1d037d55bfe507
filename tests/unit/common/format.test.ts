import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatTime } from '../../../common/format.ts';

describe('sizes, times and counts for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [47_312_000_000, '47.3 GB'],
    [999_600, '1.00 MB'],
    [500_107_862_016, '500 GB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [220, '3 min 40 s'],
    [3660, '1 h 1 min'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it.each([
    ['0', '1970-01-01 00:00'],
    ['-0.5', '1969-12-31 23:59'],
    ['253402300799.9', '9999-12-31 23:59'],
    ['253402300800', '@253402300800   '],
    ['-62167219200', '0000-01-01 00:00'],
    ['-62167219201', '@-62167219201   '],
    ['-9223372036854775808', '@-9223372036854775808'],
  ])('%s seconds since 1970 are %s', (seconds, text) => {
    expect(formatTime(seconds)).toBe(text);
  });

  it('separates thousands', () => {
    expect(formatCount(214_337)).toBe('214,337');
  });
});
