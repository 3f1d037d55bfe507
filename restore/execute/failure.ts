import { type ErrorReport, RekindleError, reportOf } from '../../common/errors/error.ts';
import { log } from './log.ts';
import { isMediumReadable } from './medium.ts';

/** What went wrong, as a screen shows it; the log has it too. */
export function told(error: unknown): ErrorReport {
  const report = reportOf(error);
  log(`${report.message} ${report.cause} [${report.code}]`);
  if (report.code === 'RK001' && error instanceof Error) log(String(error.stack));
  return report;
}

/** The medium comes first: without it every tool fails in a way of its own. */
export async function mediumFirst(error: unknown, devices: readonly string[]): Promise<unknown> {
  if (error instanceof RekindleError && error.code === 'RK306') return error;
  if (await isMediumReadable(devices)) return error;
  const { message, cause } = reportOf(error);
  return new RekindleError('RK306', `${devices.join(', ')} gives no bytes any more. ${message} ${cause}`, {
    cause: error,
  });
}
