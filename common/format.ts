/** Bytes for people: decimal units as disk makers print them, three significant digits ("47.3 GB"). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0) return `${bytes} B`;
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** Seconds for people: "3 min 40 s", "about" left to the caller. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/**
 * Seconds since 1970 (decimal text) as "2026-11-30 22:28", UTC. A year without four digits, and what no calendar of ours knows, as
 * "@99999999999999": what date(1) and touch(1) take.
 */
export function formatTime(seconds: string): string {
  const milliseconds = Number(seconds) * 1000;
  // Years 0 to 9999.
  if (!(milliseconds >= -62_167_219_200_000 && milliseconds < 253_402_300_800_000)) return `@${seconds}`.padEnd(16);
  return new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
}

/** Whole numbers with thousands separators: "214,337". */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

const factors: Record<string, number> = {
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** Bytes of '650M', '4.7 GB' (powers of ten, as disk makers print them), '4GiB' (powers of two) or plain bytes; null for no size. */
export function parseBytes(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?$/i.exec(text.trim());
  return match && Math.floor(Number(match[1]) * (factors[(match[2] ?? '').toLowerCase()] ?? 1));
}
