import { InvalidArgumentError } from 'commander';
import * as z from 'zod';
import { RekindleError } from '../common/errors/error.ts';

/** Values of options are looked at as they are parsed: a bad one is wrong usage, before anything was opened or begun. */
export function fileDescriptor(value: string): string {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('a file descriptor is a number: 3');
  return value;
}

export function setId(value: string): string {
  if (!z.uuid().safeParse(value).success) throw new InvalidArgumentError('a set has a UUID; "rekindle list" names it');
  return value;
}

/** 'disk0=/dev/sda'; which disks there are only the set says. @throws RekindleError RK483 */
export function targetOption(value: string, previous: string[]): string[] {
  if (!/^[^=]+=./.test(value)) throw new RekindleError('RK483', `"${value}"`);
  return [...previous, value];
}
